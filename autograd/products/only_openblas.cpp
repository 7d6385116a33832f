// All products by OpenBLAS: built where oneDNN is not used.
#include <unspool/autograd/products/openblas.hpp>

namespace unspool::backend {

void gemm(Index m, Index n, Index k, float const* a, Layout la, float const* b, Layout lb, float beta, float* c, Index ldc) {
    openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
}
void gemm(Index m, Index n, Index k, double const* a, Layout la, double const* b, Layout lb, double beta, double* c, Index ldc) {
    openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
}
bool        prefers_rows() { return false; }
char const* name() { return "OpenBLAS"; }

}  // namespace unspool::backend
