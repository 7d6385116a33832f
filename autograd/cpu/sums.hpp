// Sums of many short lists at a time.
#pragma once
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// The sum of n elements, in registers as far as it goes.
template <Real T> T sum_of(T const* x, Index n);

/// Takes n arrays [k,r] to their sums [r].  Reads and writes up to two registers behind each; `memory` has room for all.
template <Real T> void sum_over(T* to, T* memory, T const* from, Index n, Index k, Index r);

}  // namespace unspool::core
