// What LAPACK makes of matrices, by way of xtensor-blas: lapack.cpp is the one file that includes that.  It knows no tape.
//
// Matrices have any strides, and may be empty.  Of a matrix `a` with an element that is not finite, all of the result is NaN.  What
// returns a bool returns false, and has written nothing, where there is no result.
#pragma once
#include <span>
#include <unspool/autograd/cpu/product.hpp>
#include <vector>

namespace unspool::core::lapack {

/// x [n,k] = a⁻¹ b, by the LU decomposition with pivots.  False where a is singular: where a pivot is exactly 0.
template <Real T> bool solve(Array<T> x, Array<T const> a, Array<T const> b);

/// y = a⁻¹, likewise.
template <Real T> bool invert(Array<T> y, Array<T const> a);

/// log |det a|, likewise: −∞ where a is singular.
template <Real T> T log_abs_det(Array<T const> a);

/// The lower triangle l with l lᵀ = ½ (a + aᵀ), and zeros above.  False unless that is positive definite.
template <Real T> bool factor(Array<T> l, Array<T const> a);

/// x [n,k] = l⁻ᵀ b, where l is a lower triangle without a 0 on its diagonal: what is above it is not read.
template <Real T> void solve_transposed_triangle(Array<T> x, Array<T const> l, Array<T const> b);

/// The singular values of a matrix of finite elements, row by row, from the largest on.
std::vector<double> singular_values(std::span<double const> a, Index rows, Index columns);

}  // namespace unspool::core::lapack
