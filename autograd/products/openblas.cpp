// Products by OpenBLAS.
#include <cblas.h>
#include <unspool/autograd/products/openblas.hpp>

namespace unspool::backend::openblas {

namespace {

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }
blasint         narrow(Index n) { return static_cast<blasint>(n); }

// One thread: small products are slower on two, and those who run shards want the others for themselves.
void on_one_thread() {
    static bool const once = [] {
        openblas_set_num_threads(1);
        return true;
    }();
    static_cast<void>(once);
}

}  // namespace

void gemm(Index m, Index n, Index k, float const* a, Layout la, float const* b, Layout lb, float beta, float* c, Index ldc) {
    on_one_thread();
    if (m == 1 && (la.ld == 1 || !la.transposed))
        cblas_sgemv(CblasRowMajor, flag(!lb.transposed), narrow(lb.transposed ? n : k), narrow(lb.transposed ? k : n), 1, b, narrow(lb.ld),
                    a, 1, beta, c, 1);
    else
        cblas_sgemm(CblasRowMajor, flag(la.transposed), flag(lb.transposed), narrow(m), narrow(n), narrow(k), 1, a, narrow(la.ld), b,
                    narrow(lb.ld), beta, c, narrow(ldc));
}

void gemm(Index m, Index n, Index k, double const* a, Layout la, double const* b, Layout lb, double beta, double* c, Index ldc) {
    on_one_thread();
    cblas_dgemm(CblasRowMajor, flag(la.transposed), flag(lb.transposed), narrow(m), narrow(n), narrow(k), 1, a, narrow(la.ld), b,
                narrow(lb.ld), beta, c, narrow(ldc));
}

}  // namespace unspool::backend::openblas
