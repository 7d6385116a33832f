// What nodes cost.
#pragma once
#include <string>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// Of one forward run of a node.  A product [m,k] [k,n] counts 2mkn, each function or operator of an equation one an element of what it
/// is applied to, any other array operation one an element of its result.
Index flops_of(Node const&);
/// Of its value, in float32.
Index bytes_of(Node const&);

constexpr Index bytes_of_element = 4;

std::string grouped(Index);  ///< "12,480"

}  // namespace unspool::core
