// Products of every kind, with weights that are parameters, parts of parameters, or computed.
#include <fmt/ranges.h>
#include <programs/forms.hpp>

namespace programs {

namespace {

/// An operand of projections.
Value const* rows(Session& s, Choices& c) {
    return s.some(c, [](Value const& v) {
        return v.rank() >= 1 && v.shape().back() <= 65 &&
               count(v.shape()) / std::max(Index{1}, v.shape().back()) <= 256;
    });
}
Index features(Choices& c) { return std::array<Index, 6>{1, 3, 4, 8, 16, 17}[static_cast<std::size_t>(c(6))]; }
Param& weight(Session& s, Choices& c, Index out, Index in) {
    return s.parameter(fmt::format("W{}x{}_{}", out, in, c(2)), {out, in});
}

void projected(Session& s, Choices& c) {
    Value const* const x = rows(s, c);
    if (!x) return;
    Index const n  = features(c);
    Param const &W = weight(s, c, n, x->shape().back()), &b = s.parameter(fmt::format("b{}", n), {n});
    if (c(4) == 0)
        s.put(linear(x->var, tanh(W), exp(b)),
              fmt::format("linear({}, tanh({}), exp({}))", x->name, W.path(), b.path()), {x});
    else if (c.yes()) s.put(linear(x->var, W, b), fmt::format("linear({}, {}, {})", x->name, W.path(), b.path()), {x});
    else s.put(linear(x->var, W), fmt::format("linear({}, {})", x->name, W.path()), {x});
}

void sum_of_projections(Session& s, Choices& c) {
    Value const* const x = rows(s, c);
    if (!x) return;
    auto const alike = [&](Value const& v) {
        Shape a = v.shape();
        if (v.rank() == x->rank() && v.shape().back() <= 65) a.back() = x->shape().back();
        return a == x->shape();
    };
    Value const* y = s.some(c, alike);
    y              = y ? y : x;
    Index const n  = features(c);
    Param const &W = weight(s, c, n, x->shape().back()), &U = weight(s, c, n, y->shape().back()),
                &b = s.parameter(fmt::format("b{}", n), {n});
    s.put(linear(x->var, W, b) + linear(y->var, U),
          fmt::format("linear({}, {}, {}) + linear({}, {})", x->name, W.path(), b.path(), y->name, U.path()), {x, y});
}

/// By a weight that is a part of a parameter, or made of one.
void projected_by_made_weight(Session& s, Choices& c) {
    Value const* const x = rows(s, c);
    if (!x) return;
    Index const n = features(c), in = x->shape().back();
    Param const& W = s.parameter(fmt::format("stack{}x{}", n, in), {3, n, in});
    switch (Index const k = c(3)) {
        case 0:
            s.put(linear(x->var, s.tape.lift(W)[k]), fmt::format("linear({}, tape.lift({})[{}])", x->name, W.path(), k),
                  {x});
            break;
        case 1:
            s.put(linear(x->var, flip(s.tape.lift(W)[k], 0)),
                  fmt::format("linear({}, flip(tape.lift({})[{}], 0))", x->name, W.path(), k), {x});
            break;
        default:
            s.put(linear(x->var, tanh(s.tape.lift(W)[k])),
                  fmt::format("linear({}, tanh(tape.lift({})[{}]))", x->name, W.path(), k), {x});
    }
}

void product(Session& s, Choices& c) {
    auto const small     = [](Value const& v) { return v.rank() == 2 && v.shape()[0] <= 65 && v.shape()[1] <= 65; };
    Value const* const a = s.some(c, small);
    if (!a) return;
    auto const fits = [&](Value const& v) { return small(v) && v.shape()[0] == a->shape()[1]; };
    Value const* b  = s.some(c, fits);
    if (b) s.put(0.2 * matmul(a->var, b->var), fmt::format("0.2 * matmul({}, {})", a->name, b->name), {a, b});
    else s.put(0.2 * matmul(a->var, transpose(a->var)), fmt::format("0.2 * matmul({0}, transpose({0}))", a->name), {a});
}
void product_of_stacks(Session& s, Choices& c) {
    auto const small     = [](Value const& v) { return v.rank() >= 3 && v.rank() <= 5 && count(v.shape()) <= 512; };
    Value const* const a = s.some(c, small);
    if (!a) return;
    Dims axes{0, 1, 2, 3, 4};
    while (axes.size() > a->var.shape().rank()) axes.pop_back();
    std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
    s.put(tanh(matmul(a->var, transpose(a->var, axes))),
          fmt::format("tanh(matmul({0}, transpose({0}, {1})))", a->name, written(axes)), {a});
}
void product_with_vector(Session& s, Choices& c) {
    Value const* const a = s.some(c, [](Value const& v) { return v.rank() == 2 && v.shape()[1] <= 65; });
    if (!a) return;
    Value const* const b = s.some(c, [&](Value const& v) { return v.rank() == 1 && v.shape()[0] == a->shape()[1]; });
    if (b) s.put(0.2 * matmul(a->var, b->var), fmt::format("0.2 * matmul({}, {})", a->name, b->name), {a, b});
}
void outer_or_dot(Session& s, Choices& c) {
    Value const* const a = s.some(c, [](Value const& v) {
        return v.rank() >= 1 && v.rank() <= 5 && count(v.shape()) * v.shape().back() <= 4096;
    });
    if (!a) return;
    if (c.yes()) s.put(tanh(outer(a->var, a->var)), fmt::format("tanh(outer({0}, {0}))", a->name), {a});
    else s.put(dot(tanh(a->var), a->var), fmt::format("dot(tanh({0}), {0})", a->name), {a});
}

/// Sums of products with another array of this shape, in many orders of the axes.
void summed_by_letters(Session& s, Choices& c) {
    static char const* const of_matrices[] = {"ij,kj->ki", "ij,ik->jk", "ij,ij->ji", "ij,kj->i"};
    static char const* const of_stacks[]   = {"bij,bkj->kbi", "ijb,kjb->ikb", "ijk,ijk->ki", "ijk,ijl->kl",
                                              "ijk,ljk->kli"};
    Value const* const x                   = s.some(c, [](Value const& v) {
        return (v.rank() == 2 && count(v.shape()) <= 1024) || (v.rank() == 3 && count(v.shape()) <= 128);
    });
    if (!x) return;
    Value const& y = *s.some(c, [&](Value const& v) { return v.shape() == x->shape(); });
    char const* const letters =
        x->rank() == 2 ? of_matrices[c(std::size(of_matrices))] : of_stacks[c(std::size(of_stacks))];
    s.put(0.2 * einsum(letters, x->var, y.var), fmt::format("0.2 * einsum(\"{}\", {}, {})", letters, x->name, y.name),
          {x, &y});
}

void convolved(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) {
        return (v.rank() == 3 || v.rank() == 4) && count(v.shape()) <= 512 && count(v.shape()) > 0;
    });
    if (!x) return;
    Index const groups = x->shape()[1] % 2 == 0 ? 1 + c(2) : 1, outputs = groups * (1 + c(2)), k = 1 + c(3),
                dilation = 1 + c(2), padding = dilation * (k - 1) - c(2) * (dilation * (k - 1) > 1), stride = 1 + c(2);
    Shape shape{outputs, x->shape()[1] / groups, k};
    if (x->rank() == 4) shape.push_back(k);
    Param const& w = s.parameter(fmt::format("kernel{}", fmt::join(shape, "x")), shape);
    std::string const term =
        fmt::format("conv{}d({}, {}, {{.stride = {}, .padding = {}, .dilation = {}, .groups = {}}})", x->rank() - 2,
                    x->name, w.path(), stride, padding, dilation, groups);
    if (x->rank() == 3) s.put(conv1d(x->var, w, {stride, padding, dilation, groups}), term, {x});
    else s.put(conv2d(x->var, w, {stride, padding, dilation, groups}), term, {x});
}

/// A square matrix that is not symmetric, and whose diagonal outweighs the rest.
struct Heavy {
    Var var;
    std::string text;
};
Heavy heavy(Session& s, Value const& x) {
    Index const n  = x.shape()[0];
    Var const ones = s.tape.constant(xt::eye<double>(static_cast<std::size_t>(n)) * static_cast<double>(n + 1));
    return {tanh(cumsum(matmul(x.var, transpose(x.var)), 0)) + ones,
            fmt::format("tanh(cumsum(matmul({0}, transpose({0})), 0)) + tape.constant(xt::eye<double>({1}) * {2}.0)",
                        x.name, n, n + 1)};
}
Value const* few_rows(Session& s, Choices& c) {
    return s.some(c, [](Value const& v) { return v.rank() == 2 && v.shape()[0] <= 33 && v.shape()[1] <= 65; });
}
void solved(Session& s, Choices& c) {
    Value const* const x = few_rows(s, c);
    if (!x) return;
    Heavy const a        = heavy(s, *x);
    Value const* const b = s.some(c, [&](Value const& v) {
        return (v.rank() == 1 || (v.rank() == 2 && v.shape()[1] <= 65)) && v.shape()[0] == x->shape()[0];
    });
    Value const& y       = b ? *b : *x;
    s.put(solve(a.var, y.var), fmt::format("solve({}, {})", a.text, y.name), {x, &y});
}
void decomposed(Session& s, Choices& c) {
    Value const* const x = few_rows(s, c);
    if (!x) return;
    Heavy const a = heavy(s, *x);
    switch (c(3)) {
        case 0: s.put(inverse(a.var), fmt::format("inverse({})", a.text), {x}); break;
        case 1: s.put(cholesky(a.var), fmt::format("cholesky({})", a.text), {x}); break;
        default: s.put(logdet(a.var), fmt::format("logdet({})", a.text), {x});
    }
}

}  // namespace

std::vector<Form> product_forms() {
    return {projected,
            projected,
            sum_of_projections,
            projected_by_made_weight,
            product,
            product_of_stacks,
            product_with_vector,
            outer_or_dot,
            summed_by_letters,
            convolved,
            solved,
            decomposed};
}

}  // namespace programs
