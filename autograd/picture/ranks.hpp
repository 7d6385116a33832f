// Which boxes of a diagram stand one above the other.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// Sets of equations that can stand one above the other without bending a path backwards: those of one step, and of the same
/// step of other loops.
std::vector<std::vector<int>> columns_of(Diagram const&);

}  // namespace unspool::core
