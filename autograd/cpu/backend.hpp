// The libraries that compute matrix products.  Row-major: c[m,n] = a b + beta c, where a and b are transposed if so said,
// and ld is the distance between rows as they are stored.  beta is 0 or 1.  T is float or double.  Large products are divided among
// threads where that changes no digit.
#pragma once
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core::backend {

/// How a matrix is stored: rows of contiguous elements, or, transposed, columns.
struct Layout {
    bool transposed;
    Index ld;
};

/// A right-hand side in panels of panel_width<T> columns: row i of panel j is at data + j * next + i * ld.
template <class T> struct Panels {
    T const* data;
    Index ld, next;
};
template <class T> inline constexpr Index panel_width = 256 / static_cast<Index>(sizeof(T));  // four cache lines

template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout, T const* b, Layout, T beta, T* c, Index ldc);
template <class T>
void gemm(Index m, Index n, Index k, T const* a, Layout, Panels<T> const& b, T beta, T* c, Index ldc);

/// The code of a product of such sizes, called with b, a and c: it takes no lock and no memory.  b has contiguous rows.  Null where the
/// library compiles none.
template <class T> using Kernel = void (*)(T const* b, T const* a, T* c, ...);
template <class T> Kernel<T> kernel(Index m, Index n, Index k, Layout a, Index ldb, T beta, Index ldc);

/// Those that a product with panels is on this thread, one a panel; none where it is more than that.
template <class T>
std::vector<Kernel<T>> kernels(Index m, Index n, Index k, Layout a, Panels<T> const& b, T beta, Index ldc);

/// Are products with panels the faster ones, so that a matrix is worth being copied into them?
bool prefers_panels();

/// The name of the library, and of the instructions that it uses.
std::string name();

}  // namespace unspool::core::backend
