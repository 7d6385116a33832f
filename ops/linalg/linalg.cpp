// Products of matrices and vectors, and what is made of them.
#include <fmt/format.h>
#include <unspool/autograd/tape/at_weights.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>

namespace unspool::core {

namespace {

Shape leading(Shape const& s) { return Shape(std::span<Index const>(s.begin(), s.rank() - 2)); }

/// The matrix at one index of the leading axes of the result, where `a` has fewer, or of size 1.
template <class T> Array<T> matrix_at(Array<T> const& a, Index const* at, std::size_t axes) {
    std::size_t const own = a.shape.rank() - 2, missing = axes - own;
    Array<T> out{a.data, {a.shape[own], a.shape[own + 1]}, {a.strides[own], a.strides[own + 1]}};
    for (std::size_t i = 0; i < own; ++i)
        if (a.shape[i] != 1) out.data += at[missing + i] * a.strides[i];
    return out;
}

[[noreturn]] void refuse(std::string_view op, std::string const& what, std::string_view expected, Var const& a,
                         Var const& b, Where where) {
    throw ShapeError(describe(where, op, what, expected,
                              std::array{Shown{label(a), a.shape(where)}, Shown{label(b), b.shape(where)}}));
}

void require_product(Var const& a, Var const& b, Where where) {
    constexpr auto expected = "[...,m,k] [...,k,n] -> [...,m,n]";
    Shape const& s          = a.shape(where);
    Shape const& t          = b.shape(where);
    if (s.rank() == 2 && t.rank() == 2) return;  // the signature says it
    if (s.back() != t[t.rank() - 2])
        refuse(Matmul::name, fmt::format("k is {} in {} but {} in {}", s.back(), label(a), t[t.rank() - 2], label(b)),
               expected, a, b, where);
    if (Shape joint = leading(s); !broadcast(joint, leading(t)))
        refuse(Matmul::name, "the leading axes do not broadcast", expected, a, b, where);
}

/// Which of two factors a matrix multiplies, which is then its weight: that one as the weight sees it.
void meet(Var& a, Var& b, Where where) {
    AtWeights* const asked = a.tape(where).at_weights();
    if (!asked) return;
    bool const a_carries = asked->carries(a.window(where)), b_carries = asked->carries(b.window(where));
    if (a_carries && !b_carries && b.shape(where).rank() == 2) a = asked->meets(a, where);
    else if (b_carries && !a_carries && a.shape(where).rank() == 2) b = asked->meets(b, where);
}

}  // namespace

Shape BatchedMatmul::result(std::span<Window const* const> xs) const {
    Shape out = leading(xs[0]->shape);
    broadcast(out, leading(xs[1]->shape));
    out.push_back(xs[0]->shape[xs[0]->shape.rank() - 2]);
    out.push_back(xs[1]->shape.back());
    return out;
}

template <Real T> void BatchedMatmul::f(Array<T> y, Array<T const> a, Array<T const> b) const {
    std::size_t const axes = y.shape.rank() - 2;
    each_index(leading(y.shape), [&](Index const* at) {
        multiply<T>(matrix_at(y, at, axes), {matrix_at(a, at, axes), matrix_at(b, at, axes)}, WriteMode::assign);
    });
}

template <Real T> void BatchedMatmul::add_products(Array<T> to, Array<T const> g, Array<T const> other, bool right) {
    std::size_t const axes = g.shape.rank() - 2;
    each_index(leading(g.shape), [&](Index const* at) {
        Array<T const> const gs = matrix_at(g, at, axes), os = transposed(matrix_at(other, at, axes));
        multiply<T>(matrix_at(to, at, axes), right ? Product<T>{os, gs} : Product<T>{gs, os}, WriteMode::add);
    });
}

Var matmul(Argument a, Argument b, Where where) {
    return with_operands(std::array{a, b}, Matmul::name, where, [&](Var x, Var y) {
        bool const row = x.shape(where).rank() == 1, column = y.shape(where).rank() == 1;
        if (x.shape(where).empty() || y.shape(where).empty())
            refuse(Matmul::name, "a scalar is no factor", "[...,m,k] [...,k,n] -> [...,m,n]", x, y, where);
        Var m = row ? unsqueeze(x, 0, where) : x, n = column ? unsqueeze(y, 1, where) : y;
        require_product(m, n, where);
        meet(m, n, where);
        bool const plain = m.shape().rank() == 2 && n.shape().rank() == 2;
        Var out          = plain ? call(Matmul{}, where, m, n) : call(BatchedMatmul{}, where, m, n);
        if (column) out = squeeze(out, -1, where);
        return row ? squeeze(out, column ? -1 : -2, where) : out;
    });
}

namespace {
/// A product that is drawn as what it is called.
struct Spread {
    static constexpr auto name = "outer";
    static constexpr auto c    = "return a * b;";
    template <class V> static V f(V a, V b) { return a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {b, a}; }
};
}  // namespace

Var outer(Argument a, Argument b, Where where) {
    return with_operands(std::array{a, b}, Outer::name, where, [&](Var x, Var y) {
        if (x.shape(where).empty() || y.shape(where).empty())
            refuse(Outer::name, "a scalar has no last axis", "[...,m] [...,n] -> [...,m,n]", x, y, where);
        return Var(apply<Spread>(unsqueeze(x, -1, where), unsqueeze(y, -2, where)), where);
    });
}

Var dot(Argument a, Argument b, Where where) {
    return with_operands(std::array{a, b}, Dot::name, where, [&](Var x, Var y) {
        if (x.shape(where).empty() && y.shape(where).empty())
            refuse(Dot::name, "a scalar has no last axis", "[...,k] [...,k] -> [...]", x, y, where);
        return sum(x * y, -1, Reduced::drop, where);
    });
}

Var bilinear(Argument a, Argument weight, Argument b, Where where) {
    return with_operands(std::array{a, weight, b}, Bilinear::name, where, [&](Var x, Var w, Var y) {
        Shape const& s = w.shape(where);
        bool const fit = s.rank() == 3 && !x.shape(where).empty() && !y.shape(where).empty() &&
                         s[1] == x.shape(where).back() && s[2] == y.shape(where).back();
        if (!fit)
            throw ShapeError(describe(
                where, Bilinear::name, "the sizes do not fit", "[...,i] [k,i,j] [...,j] -> [...,k]",
                std::array{Shown{label(x), x.shape(where)}, Shown{label(w), s}, Shown{label(y), y.shape(where)}}));
        Var const rows = reshape(transpose(w, {0, 2, 1}, where), {s[0] * s[2], s[1]}, where);  // [kj,i]
        Var const ax   = linear(x, rows, where);
        Shape kj       = x.shape(where);
        kj.pop_back(), kj.push_back(s[0]), kj.push_back(s[2]);
        return sum(reshape(ax, kj, where) * unsqueeze(at_weight(y, where), -2, where), -1, Reduced::drop, where);
    });
}

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

Var product(Tape&, Inputs x) { return matmul(x[0], x[1]); }

}  // namespace

std::vector<Example> Matmul::examples() {
    return {{"matrices", signature.examples({}), product},     {"a row and a column", {{1, 5}, {5, 1}}, product},
            {"no terms", {{2, 0}, {0, 3}}, product},           {"a matrix and a vector", {{4, 3}, {3}}, product},
            {"a vector and a matrix", {{3}, {3, 4}}, product}, {"vectors", {{3}, {3}}, product},
            {"square matrices", {{3, 3}, {3, 3}}, product}};
}
std::vector<Example> BatchedMatmul::examples() {
    return {{"stacks", {{2, 3, 4}, {2, 4, 5}}, product},
            {"a stack and a matrix", {{2, 3, 4}, {4, 5}}, product},
            {"a vector and a stack", {{4}, {2, 4, 3}}, product},
            {"axes that broadcast", {{2, 1, 3, 2}, {3, 2, 2}}, product},
            {"stacks of square matrices", {{2, 3, 3}, {2, 3, 3}}, product}};
}
std::vector<Example> Outer::examples() {
    auto const f = [](Tape&, Inputs x) { return outer(x[0], x[1]); };
    return {{"vectors", {{3}, {4}}, f}, {"batches", {{2, 3}, {2, 5}}, f}};
}
std::vector<Example> Dot::examples() {
    auto const f = [](Tape&, Inputs x) { return dot(x[0], x[1]); };
    return {{"vectors", {{7}, {7}}, f}, {"a batch and a vector", {{3, 5}, {5}}, f}};
}
std::vector<Example> Bilinear::examples() {
    auto const f = [](Tape&, Inputs x) { return bilinear(x[0], x[1], x[2]); };
    return {{"vectors", {{2}, {3, 2, 4}, {4}}, f}, {"batches", {{5, 2}, {3, 2, 4}, {5, 4}}, f}};
}

namespace {

Var with_last_axes_exchanged(Var x) {
    Dims order;
    for (Index a = 0; a < static_cast<Index>(x.shape().rank()); ++a) order.push_back(a);
    std::swap(order.back(), order[order.size() - 2]);
    return transpose(x, order);
}

}  // namespace

Contribution Matmul::gradient(std::size_t k, Var g, Var, std::span<Var const> x) const {
    return k == 0 ? Contribution(matmul(g, transpose(x[1]))) : Contribution::product(x[0], g);
}
Var BatchedMatmul::gradient(std::size_t k, Var g, Var, std::span<Var const> x) const {
    return fitted(k == 0 ? matmul(g, with_last_axes_exchanged(x[1])) : matmul(with_last_axes_exchanged(x[0]), g),
                  x[k].shape());
}

}  // namespace unspool::core
