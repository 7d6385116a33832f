// Directions that are stretched step by step, and made orthonormal again.
#pragma once
#include <span>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// Makes rows [n,size] orthonormal, n ≤ size, each beside those before it, and gives the logarithms of how long each was beside them.  Those of
/// which no more was left than rounding makes are drawn anew, behind the others: their logarithm is −∞.  By Gram and Schmidt, twice
/// (Giraud, Langou, Rozložník and van den Eshof 2005).  Rows must be finite.
void orthonormalise(std::span<double> rows, std::span<double> logarithms, Random&);

}  // namespace unspool::core
