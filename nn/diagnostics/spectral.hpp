// The largest singular value of a matrix.
#pragma once
#include <span>
#include <unspool/autograd/shape.hpp>

namespace unspool {

struct PowerIteration {
    double tolerance = 1e-10;  ///< ends when two steps change the norm by less than this part of it
    Index  most      = 2000;   ///< steps
};

/// ‖A‖₂ of a matrix [rows,columns] by power iteration on AᵀA, from a fixed direction.  What comes out is never above the norm but
/// by rounding.  It is too small by at most tolerance / (1 − (σ₂/σ₁)⁴) of it, about, where σ₂ is the next singular value below σ₁: for
/// σ₂ = 0.99 σ₁, by 3e-9.  Not finite if an element is not.  ShapeError unless there are so many elements.
double spectral_norm(std::span<double const> a, Index rows, Index columns, PowerIteration const& = {});

}  // namespace unspool
