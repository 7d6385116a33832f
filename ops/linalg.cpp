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

template <Real T> void add_rows(Array<T> to, Array<T const> rows) {
    Array<T> const repeated{to.data, rows.shape, {0, to.strides[0]}};
    copy<T>(repeated, rows, Fill::add);
}

template <Real T> void Affine::f(Array<T> y, Array<T const> x, Array<T const> w, Array<T const> b) const {
    Array<T> const       rows = as_matrix(y);
    Array<T const> const repeated{b.data, rows.shape, {0, b.strides[0]}};
    copy<T>(rows, repeated);
    multiply<T>(rows, {as_matrix(x), transposed(w)}, Fill::add);
}

namespace {

/// The same argument with rows in one stride, copied if need be.
Argument with_regular_rows(Argument const& x, Where where) {
    if (!x.on_a_tape()) return x;
    Window const& w = x.on(x.tape()).window(where);
    return w.shape.empty() || rows_of(w.shape, w.strides).regular ? x : Argument(contiguous(x.on(x.tape()), where));
}

template <class... W> bool fits(Window const& x, Window const& weight, W const&...) {
    return x.shape.rank() >= 1 && weight.shape.rank() == 2 && x.shape.back() == weight.shape[1];
}

/// linear(x, …); for an element of a sequence that is being scanned, taken from the same of the whole sequence.
template <class Op, class... Rest> Var projected(Op op, Where where, Argument const& x, Rest const&... rest) {
    Attempt const attempt(common_tape(std::array{x, rest...}, Op::name, where));
    if (x.on_a_tape() && x.tape().scanning() && x.tape().mechanisms.hoist) {
        Tape&            tape = x.tape();
        Scanning&        scan = *tape.scanning();
        Window const&    w    = tape.window(x.on(tape), where);
        std::array const others{&tape.window(rest.on(tape), where)...};
        bool const       same = std::all_of(others.begin(), others.end(), [&](Window const* o) { return scan.precedes(*o); });
        if (same && scan.visits(w) && std::apply([&](auto*... o) { return fits(w, *o...); }, others))
            return scan.element(w, &call_rule<Op>, others, [&](Var xs) { return call(op, where, with_regular_rows(xs, where), rest...); });
    }
    return call(op, where, with_regular_rows(x, where), rest...);
}

}  // namespace

Var matmul(Argument a, Argument b, Where where) { return call(Matmul{}, where, a, b); }
Var linear(Argument x, Argument weight, Where where) { return projected(Project{}, where, x, weight); }
Var linear(Argument x, Argument weight, Argument bias, Where where) { return projected(Affine{}, where, x, weight, bias); }

std::vector<Example> Matmul::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return matmul(x[0], x[1]); };
    return {{"matrices", signature.examples({}), f}, {"a row and a column", {{1, 5}, {5, 1}}, f}, {"no terms", {{2, 0}, {0, 3}}, f}};
}

std::vector<Example> Project::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return linear(x[0], x[1]); };
    return {
        {"a vector", signature.examples({}), f}, {"a batch", signature.examples({4}), f}, {"a sequence", signature.examples({4, 5}), f}};
}

std::vector<Example> Affine::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return linear(x[0], x[1], x[2]); };
    return {
        {"a vector", signature.examples({}), f}, {"a batch", signature.examples({4}), f}, {"a sequence", signature.examples({4, 5}), f}};
}

}  // namespace unspool
