// Products by kernels that libxsmm compiles for their shapes; what it has no kernel for, by OpenBLAS.
#include <algorithm>
#include <array>
#include <concepts>
#include <libxsmm.h>
#include <unspool/autograd/cpu/openblas.hpp>
#include <unspool/autograd/cpu/threads.hpp>

namespace unspool::core::backend {

namespace {

libxsmm_blasint narrow(Index n) { return static_cast<libxsmm_blasint>(n); }

}  // namespace

namespace {

// libxsmm's matrices are column-major, so that its m, a and lda are our n, b and ldb.
template <class T> Kernel<T> looked_up(Index m, Index n, Index k, Layout la, Index ldb, T beta, Index ldc) {
    libxsmm_blasint const a = narrow(la.ld), b = narrow(ldb), c = narrow(ldc);
    T const alpha   = 1;
    int const flags = la.transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    if constexpr (std::same_as<T, float>)
        return libxsmm_smmdispatch(narrow(n), narrow(m), narrow(k), &b, &a, &c, &alpha, &beta, &flags, nullptr);
    else return libxsmm_dmmdispatch(narrow(n), narrow(m), narrow(k), &b, &a, &c, &alpha, &beta, &flags, nullptr);
}

}  // namespace

// libxsmm's own table of kernels takes as long as a small product: a few are kept at hand.
template <class T> Kernel<T> kernel(Index m, Index n, Index k, Layout la, Index ldb, T beta, Index ldc) {
    struct Known {
        std::array<Index, 7> of;
        T beta;
        Kernel<T> kernel;
    };
    thread_local std::array<Known, 16> known{};  // an m of 0 is none
    std::array<Index, 7> const of{m, n, k, la.ld, la.transposed, ldb, ldc};
    Known& at = known[static_cast<std::size_t>(3 * m + n / 16 + 5 * k + (beta == 0)) % known.size()];
    if (at.of != of || at.beta != beta) at = {of, beta, looked_up(m, n, k, la, ldb, beta, ldc)};
    return at.kernel;
}

namespace {

template <class T>
void block(Index m, Index n, Index k, T const* a, Layout la, T const* b, Index ldb, T beta, T* c, Index ldc) {
    if (auto const multiply = kernel(m, n, k, la, ldb, beta, ldc)) multiply(b, a, c);
    else openblas::gemm(m, n, k, a, la, b, {false, ldb}, beta, c, ldc);
}

constexpr Index few = 64, deep = 256;  // rows, and columns where those are far apart: measured

template <class T> Index panels_of(Index n) { return (n + panel_width<T> - 1) / panel_width<T>; }
template <class T> Index columns_of(Index panel, Index n) {
    return std::min(panel_width<T>, n - panel * panel_width<T>);
}

/// Is such a product one kernel for each panel, one after the other?
template <class T> bool is_whole(Index m, Index n, Index k, Layout la) {
    return m <= few && (!la.transposed || k <= deep) &&
           !worth_dividing(panels_of<T>(n), operations_in_product(m, n, k));
}

}  // namespace

template <class T>
std::vector<Kernel<T>> kernels(Index m, Index n, Index k, Layout la, Panels<T> const& b, T beta, Index ldc) {
    std::vector<Kernel<T>> out;
    for (Index p = 0; is_whole<T>(m, n, k, la) && p < panels_of<T>(n); ++p) {
        out.push_back(kernel(m, columns_of<T>(p, n), k, la, b.ld, beta, ldc));
        if (!out.back()) return {};
    }
    return out;
}

// In blocks of rows, which stay in the second-level cache while the panels go by; and, where the rows of a are columns in
// memory, far apart, in blocks of those.  Threads take whole blocks: which kernel an element is computed by, and so its last digits,
// do not depend on how many threads there are.
template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, Panels<T> const& b, T beta, T* c, Index ldc) {
    constexpr Index width = panel_width<T>;
    Index const wide      = panels_of<T>(n);
    if (is_whole<T>(m, n, k, la)) {
        for (Index p = 0; p < wide; ++p)
            block(m, columns_of<T>(p, n), k, a, la, b.data + p * b.next, b.ld, beta, c + p * width, ldc);
        return;
    }
    Index const rows = m <= few ? m : 48, depth = la.transposed ? deep : k;  // 48: measured
    Index const tall    = (m + rows - 1) / rows;
    auto const in_block = [&](Index i, Index p, Index l) {
        block(std::min(rows, m - i), columns_of<T>(p, n), std::min(depth, k - l),
              a + (la.transposed ? i + l * la.ld : i * la.ld), la, b.data + p * b.next + l * b.ld, b.ld,
              l == 0 ? beta : T(1), c + i * ldc + p * width, ldc);
    };
    in_parts(tall * wide, operations_in_product(m, n, k), [&](Index begin, Index end) {
        for (Index l = 0; l < k; l += depth)
            for (Index r = begin / wide; r * wide < end; ++r)
                for (Index p = std::max(Index{0}, begin - r * wide); p < std::min(wide, end - r * wide); ++p)
                    in_block(r * rows, p, l);
    });
}

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, T const* b, Layout lb, T beta, T* c, Index ldc) {
    if (lb.transposed) openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
    else gemm(m, n, k, a, la, Panels<T>{b, lb.ld, panel_width<T>}, beta, c, ldc);
}

bool prefers_panels() { return true; }
std::string name() { return std::string("libxsmm, ") + libxsmm_get_target_arch(); }

template Kernel<float> kernel(Index, Index, Index, Layout, Index, float, Index);
template Kernel<double> kernel(Index, Index, Index, Layout, Index, double, Index);
template std::vector<Kernel<float>> kernels(Index, Index, Index, Layout, Panels<float> const&, float, Index);
template std::vector<Kernel<double>> kernels(Index, Index, Index, Layout, Panels<double> const&, double, Index);
template void gemm(Index, Index, Index, float const*, Layout, float const*, Layout, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, double const*, Layout, double, double*, Index);
template void gemm(Index, Index, Index, float const*, Layout, Panels<float> const&, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, Panels<double> const&, double, double*, Index);

}  // namespace unspool::core::backend
