// Which boxes of a diagram stand one above the other.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// Sets of equations that can stand one above the other without bending a path backwards: those of one step, and of the same
/// step of other loops.
std::vector<std::vector<int>> columns_of(Diagram const&);
/// Of each box, the number of its column in the diagram; -1: none.
std::vector<int> column_of_boxes(Diagram const&);

}  // namespace unspool::core
