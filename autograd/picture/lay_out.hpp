// Finds a way to draw a diagram in which rows stand in their order, and no link crosses a title.
#pragma once
#include <functional>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/render.hpp>

namespace unspool::core {

/// What dot makes of it, as an SVG, after a few attempts at most: with rows turned where dot set them the other way round, and titles of
/// clusters where no link is.  The diagram becomes that which was drawn.
Rendered lay_out(Diagram&, std::function<std::string(Diagram const&)> const& dot_of, double seconds);

}  // namespace unspool::core
