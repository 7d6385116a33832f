// The libraries that compute matrix products.  Row-major: c[m,n] = a b + beta c, where a and b are transposed if so said,
// and ld is the distance between rows as they are stored.
#pragma once
#include <unspool/autograd/shape.hpp>

namespace unspool::backend {

/// How a matrix is stored: rows of contiguous elements, or, transposed, columns.
struct Layout {
    bool  transposed;
    Index ld;
};

void gemm(Index m, Index n, Index k, float const* a, Layout, float const* b, Layout, float beta, float* c, Index ldc);
void gemm(Index m, Index n, Index k, double const* a, Layout, double const* b, Layout, double beta, double* c, Index ldc);

/// Is a product with a transposed right-hand side slower than with the same matrix stored the other way?
bool prefers_rows();

/// The name and version of the library for float32.
char const* name();

}  // namespace unspool::backend
