// Products by OpenBLAS, which is always there.
#pragma once
#include <unspool/autograd/products/backend.hpp>

namespace unspool::backend::openblas {

void gemm(Index m, Index n, Index k, float const* a, Layout, float const* b, Layout, float beta, float* c, Index ldc);
void gemm(Index m, Index n, Index k, double const* a, Layout, double const* b, Layout, double beta, double* c, Index ldc);

}  // namespace unspool::backend::openblas
