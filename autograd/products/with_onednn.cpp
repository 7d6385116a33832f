// Products of floats by oneDNN, which is the faster at the small sizes of recurrent steps and knows newer processors;
// of doubles by OpenBLAS, because oneDNN has none.
#include <oneapi/dnnl/dnnl.h>
#include <unspool/autograd/products/openblas.hpp>

extern "C" {  // of the OpenMP library that oneDNN uses; clang's <omp.h> belongs to another
int  omp_get_max_threads(void);
void omp_set_num_threads(int);
}

namespace unspool::backend {

namespace {

/// While it lives, OpenMP regions begun by this thread have one thread.
class OneThread {
public:
    OneThread() : before_(omp_get_max_threads()) {
        if (before_ != 1) omp_set_num_threads(1);
    }
    ~OneThread() {
        if (before_ != 1) omp_set_num_threads(before_);
    }
    OneThread(OneThread const&)            = delete;
    OneThread& operator=(OneThread const&) = delete;

private:
    int before_;
};

char flag(bool transposed) { return transposed ? 'T' : 'N'; }

}  // namespace

void gemm(Index m, Index n, Index k, float const* a, Layout la, float const* b, Layout lb, float beta, float* c, Index ldc) {
    OneThread const guard;
    dnnl_sgemm(flag(la.transposed), flag(lb.transposed), m, n, k, 1, a, la.ld, b, lb.ld, beta, c, ldc);
}
void gemm(Index m, Index n, Index k, double const* a, Layout la, double const* b, Layout lb, double beta, double* c, Index ldc) {
    openblas::gemm(m, n, k, a, la, b, lb, beta, c, ldc);
}
bool        prefers_rows() { return true; }
char const* name() { return "oneDNN"; }

}  // namespace unspool::backend
