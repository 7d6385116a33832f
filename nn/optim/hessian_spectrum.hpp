// Both ends of the spectrum of a Hessian, by products with directions: Lanczos (1950), with all vectors kept orthogonal.
#pragma once
#include <unspool/ops/derivatives/products.hpp>
#include <vector>

namespace unspool::core {

/// Eigenvalues of the Hessian of a scalar by all parameters that are trained, from the least on: all different ones where `products` are as
/// many as there are numbers to train, else so many Ritz values, of which the outermost are near eigenvalues first.  Each product costs two
/// gradients, and is taken off the tape again.  Errors are those of `hvp`; ValueError unless products is at least 1,
/// and where a product is not finite.
std::vector<double> hessian_eigenvalues(Var loss, Params const&, Index products = 40, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::hessian_eigenvalues;

}  // namespace unspool
