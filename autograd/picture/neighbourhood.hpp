// A picture of where the numbers go wrong.
#pragma once
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/bad_value.hpp>

namespace unspool::core {

/// What it was computed from, or, if it is a leaf, what it was used for first; the node itself in red.  Long loops are cut to two steps
/// at each end, unless the graph that this gives is told otherwise.
Graph neighbourhood(Tape&, BadValue const&);

}  // namespace unspool::core

namespace unspool {

using core::neighbourhood;

}  // namespace unspool
