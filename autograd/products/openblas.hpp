// Products by OpenBLAS, which is always there.
#pragma once
#include <unspool/autograd/products/backend.hpp>

namespace unspool::backend::openblas {

template <class T> void gemm(Index m, Index n, Index k, T const* a, Layout, T const* b, Layout, T beta, T* c, Index ldc);
std::string             name();

}  // namespace unspool::backend::openblas
