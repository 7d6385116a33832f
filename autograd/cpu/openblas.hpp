// Products by OpenBLAS, which is always there.
#pragma once
#include <unspool/autograd/cpu/backend.hpp>

namespace unspool::core::backend::openblas {

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout, T const* b, Layout, T beta, T* c, Index ldc);
std::string name();

/// Small products are slower on two threads, and those who run shards want the others for themselves.  For whoever calls
/// OpenBLAS, or the LAPACK in it, before it does so.
void on_one_thread();

}  // namespace unspool::core::backend::openblas
