// Products by OpenBLAS.
#include <cblas.h>
#include <unspool/autograd/cpu/openblas.hpp>

namespace unspool::core::backend::openblas {

namespace {

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }
blasint narrow(Index n) { return static_cast<blasint>(n); }

template <class T> struct Blas;
template <> struct Blas<float> {
    static constexpr auto gemm = cblas_sgemm;
    static constexpr auto gemv = cblas_sgemv;
};
template <> struct Blas<double> {
    static constexpr auto gemm = cblas_dgemm;
    static constexpr auto gemv = cblas_dgemv;
};

}  // namespace

void on_one_thread() {
    static bool const once = [] {
        openblas_set_num_threads(1);
        return true;
    }();
    static_cast<void>(once);
}

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, T const* b, Layout lb, T beta, T* c, Index ldc) {
    on_one_thread();
    if (m == 1 && (la.ld == 1 || !la.transposed))
        Blas<T>::gemv(CblasRowMajor, flag(!lb.transposed), narrow(lb.transposed ? n : k), narrow(lb.transposed ? k : n),
                      1, b, narrow(lb.ld), a, 1, beta, c, 1);
    else
        Blas<T>::gemm(CblasRowMajor, flag(la.transposed), flag(lb.transposed), narrow(m), narrow(n), narrow(k), 1, a,
                      narrow(la.ld), b, narrow(lb.ld), beta, c, narrow(ldc));
}

std::string name() { return std::string("OpenBLAS, ") + openblas_get_corename(); }

template void gemm(Index, Index, Index, float const*, Layout, float const*, Layout, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, double const*, Layout, double, double*, Index);

}  // namespace unspool::core::backend::openblas
