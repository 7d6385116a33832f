// What nodes cost: flops, bytes, and how such numbers are written.
#pragma once
#include <string>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/deploy/flops.hpp>

namespace unspool::core {

/// Of a node's value, in float32.
Index bytes_of(Node const&);

constexpr Index bytes_of_element = 4;

std::string grouped(Index);  ///< "12,480"

}  // namespace unspool::core
