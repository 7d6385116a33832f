// Matrix products.
#include <unspool/ops/layout.hpp>
#include <unspool/ops/linalg.hpp>

namespace unspool {

template <Real T> void add_rows(Array<T> to, Array<T const> rows) {
    for (Index i = 0; i < rows.shape[0]; ++i) copy<T>(to, at(rows, i), Fill::add);
}

template <Real T> void Affine::f(Array<T> y, Array<T const> x, Array<T const> w, Array<T const> b) const {
    Array<T> const rows = as_matrix(y);
    for (Index i = 0; i < rows.shape[0]; ++i) copy<T>(at(rows, i), b);
    multiply<T>(rows, {as_matrix(x), transposed(w)}, Fill::add);
}

namespace {

/// The same argument with rows in one stride, copied if need be.
Argument with_regular_rows(Argument const& x, Where where) {
    if (!x.on_a_tape()) return x;
    Window const& w = x.on(x.tape()).window(where);
    return w.shape.empty() || rows_of(w.shape, w.strides).regular ? x : Argument(contiguous(x.on(x.tape()), where));
}

}  // namespace

Var matmul(Argument a, Argument b, Where where) { return call(Matmul{}, where, a, b); }
Var linear(Argument x, Argument weight, Where where) { return call(Project{}, where, with_regular_rows(x, where), weight); }
Var linear(Argument x, Argument weight, Argument bias, Where where) {
    return call(Affine{}, where, with_regular_rows(x, where), weight, bias);
}

}  // namespace unspool
