// Matrix products.
#include <algorithm>
#include <unspool/autograd/formula.hpp>
#include <unspool/ops/layout.hpp>
#include <unspool/ops/linalg.hpp>

namespace unspool {

std::string product_text(std::string const& a, std::string const& b, std::string const& added) {
    std::string const product = as_factor(a) + "·" + as_factor(b);
    return added.empty() ? product : product + " + " + added;
}

template <Real T> void Affine::f(Array<T> y, Array<T const> x, Array<T const> w, Array<T const> b) const {
    Array<T> const rows = as_matrix(y);
    copy<T>(rows, repeated(b, rows.shape));
    multiply<T>(rows, {as_matrix(x), transposed(w)}, Fill::add);
}

namespace {

Argument with_regular_rows(Argument const& x, Where where) { return x.on_a_tape() ? Argument(regular_rows(x.on(x.tape()), where)) : x; }

}  // namespace

Var regular_rows(Var x, Where where) {
    Window const& w = x.window(where);
    return w.shape.empty() || rows_of(w.shape, w.strides).regular ? x : contiguous(x, where);
}

Var matmul(Argument a, Argument b, Where where) { return call(Matmul{}, where, a, b); }

Var project(Argument const& x, Argument const& weight, std::optional<Argument> const& bias, Where where) {
    Argument const rows = with_regular_rows(x, where);
    return bias ? call(Affine{}, where, rows, weight, *bias) : call(Project{}, where, rows, weight);
}

std::vector<Example> Matmul::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return matmul(x[0], x[1]); };
    return {{"matrices", signature.examples({}), f}, {"a row and a column", {{1, 5}, {5, 1}}, f}, {"no terms", {{2, 0}, {0, 3}}, f}};
}

std::vector<Example> Project::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return project(x[0], x[1], {}, Where::here()); };
    return {
        {"a vector", signature.examples({}), f}, {"a batch", signature.examples({4}), f}, {"a sequence", signature.examples({4, 5}), f}};
}

std::vector<Example> Affine::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return project(x[0], x[1], x[2], Where::here()); };
    return {
        {"a vector", signature.examples({}), f}, {"a batch", signature.examples({4}), f}, {"a sequence", signature.examples({4, 5}), f}};
}

}  // namespace unspool
