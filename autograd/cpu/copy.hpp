// The copying of arrays.
#pragma once
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/array/write_mode.hpp>

namespace unspool::core {

/// to = from or to += from, for arrays of one shape with any strides; where `to` repeats, the sum is added.
template <Real T> void copy(Array<T> to, Array<T const> from, WriteMode fill = WriteMode::assign);

/// A vector of n elements, side by side, to so many rows, `step` apart.
template <Real T> void copy_to_rows(T* to, Index step, Index rows, T const* row, Index n);

}  // namespace unspool::core
