// Views of views that are one view.
#pragma once
#include <unspool/autograd/array/window.hpp>

namespace unspool::core {

/// What shows the same as `view`, with fewer views before it: one that is there already, or `view`, now of an earlier one.  A view
/// that has a name of its own keeps its place.
Window const& collapsed(Window& view);

}  // namespace unspool::core
