// All products by OpenBLAS: built where libxsmm is not used.
#include <algorithm>
#include <unspool/autograd/cpu/openblas.hpp>

namespace unspool::core::backend {

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, T const* b, Layout lb, T beta, T* c, Index ldc) {
    openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
}
template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout la, Panels<T> const& b, T beta, T* c, Index ldc) {
    constexpr Index width = panel_width<T>;
    for (Index j = 0, p = 0; j < n; j += width, ++p)
        openblas::gemm(m, std::min(width, n - j), k, a, la, b.data + p * b.next, {false, b.ld}, beta, c + j, ldc);
}
template <class T> Kernel<T> kernel(Index, Index, Index, Layout, Index, T, Index) { return nullptr; }
template <class T> std::vector<Kernel<T>> kernels(Index, Index, Index, Layout, Panels<T> const&, T, Index) {
    return {};
}
bool prefers_panels() { return false; }
std::string name() { return openblas::name(); }

template Kernel<float> kernel(Index, Index, Index, Layout, Index, float, Index);
template Kernel<double> kernel(Index, Index, Index, Layout, Index, double, Index);
template std::vector<Kernel<float>> kernels(Index, Index, Index, Layout, Panels<float> const&, float, Index);
template std::vector<Kernel<double>> kernels(Index, Index, Index, Layout, Panels<double> const&, double, Index);
template void gemm(Index, Index, Index, float const*, Layout, float const*, Layout, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, double const*, Layout, double, double*, Index);
template void gemm(Index, Index, Index, float const*, Layout, Panels<float> const&, float, float*, Index);
template void gemm(Index, Index, Index, double const*, Layout, Panels<double> const&, double, double*, Index);

}  // namespace unspool::core::backend
