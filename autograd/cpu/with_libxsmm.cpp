// Products by kernels that libxsmm compiles for their shapes; what it has no kernel for, by OpenBLAS.
#include <algorithm>
#include <concepts>
#include <libxsmm.h>
#include <unspool/autograd/cpu/openblas.hpp>

namespace unspool::core::backend {

namespace {

libxsmm_blasint narrow(Index n) { return static_cast<libxsmm_blasint>(n); }

/// libxsmm's matrices are column-major, so that its m, a and lda are our n, b and ldb.  Null if it has no such kernel.
template <class T> auto kernel(Index m, Index n, Index k, Layout la, Index ldb, T beta, Index ldc) {
    libxsmm_blasint const a = narrow(la.ld), b = narrow(ldb), c = narrow(ldc);
    T const alpha   = 1;
    int const flags = la.transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    if constexpr (std::same_as<T, float>)
        return libxsmm_smmdispatch(narrow(n), narrow(m), narrow(k), &b, &a, &c, &alpha, &beta, &flags, nullptr);
    else return libxsmm_dmmdispatch(narrow(n), narrow(m), narrow(k), &b, &a, &c, &alpha, &beta, &flags, nullptr);
}

template <class T>
void block(Index m, Index n, Index k, T const* a, Layout la, T const* b, Index ldb, T beta, T* c, Index ldc) {
    if (auto const multiply = kernel(m, n, k, la, ldb, beta, ldc)) multiply(b, a, c);
    else openblas::gemm(m, n, k, a, la, b, {false, ldb}, beta, c, ldc);
}

}  // namespace

// In blocks of rows, which stay in the second-level cache while the panels go by; and, where the rows of a are columns in
// memory, far apart, in blocks of those.
template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, Panels<T> const& b, T beta, T* c, Index ldc) {
    constexpr Index few = 64, width = panel_width<T>;
    Index const rows = m <= few ? m : 48, depth = la.transposed ? 256 : k;  // 48 and 256: measured
    for (Index l = 0; l < k; l += depth, beta = 1)
        for (Index i = 0; i < m; i += rows)
            for (Index j = 0, p = 0; j < n; j += width, ++p)
                block(std::min(rows, m - i), std::min(width, n - j), std::min(depth, k - l),
                      a + (la.transposed ? i + l * la.ld : i * la.ld), la, b.data + p * b.next + l * b.ld, b.ld, beta,
                      c + i * ldc + j, ldc);
}

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, T const* b, Layout lb, T beta, T* c, Index ldc) {
    if (lb.transposed) openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
    else gemm(m, n, k, a, la, Panels<T>{b, lb.ld, panel_width<T>}, beta, c, ldc);
}

bool prefers_panels() { return true; }
std::string name() { return std::string("libxsmm, ") + libxsmm_get_target_arch(); }

template void gemm(Index, Index, Index, float const*, Layout, float const*, Layout, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, double const*, Layout, double, double*, Index);
template void gemm(Index, Index, Index, float const*, Layout, Panels<float> const&, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, Panels<double> const&, double, double*, Index);

}  // namespace unspool::core::backend
