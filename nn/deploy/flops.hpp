// What a recorded node costs to compute.
#pragma once
#include <unspool/autograd/tape/node.hpp>

namespace unspool::core {

/// Multiplications and additions: a product [m,k] [k,n] counts 2mkn, a convolution as the product that it is, a linear recurrence 2 an
/// element, decompositions their leading term, such as n³ / 3 of `cholesky`.  Each function or operator of an equation counts one an
/// element of what it is applied to, and any other array operation one an element of its result.
Index flops_of(Node const&);

}  // namespace unspool::core
