// The largest singular value of a matrix.
#pragma once
#include <span>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// ‖A‖₂ of a matrix [rows,columns], row by row, to rounding, by the singular value decomposition.  Not finite if an element is not.
/// ShapeError unless there are so many elements.
double spectral_norm(std::span<double const> a, Index rows, Index columns);

}  // namespace unspool::core

namespace unspool {

using core::spectral_norm;

}  // namespace unspool
