// Evaluators that compute: elementwise ones, products, reductions.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>

namespace unspool::nn::onnx {

namespace {

using Values = std::vector<Value>;

template <class Op> Values unary(Call const& c) { return {Var(apply<Op>(c.real(0)), c.inside())}; }
template <class Op> Values binary(Call const& c) {
    Var const a = c.real(0), b = c.real(1);
    static_cast<void>(c.broadcast_of({a.shape(), b.shape()}));
    return {Var(apply<Op>(a, b), c.inside())};
}
/// Of any number of operands.
template <class Op> Values folded(Call const& c) {
    Var out = c.real(0);
    for (std::size_t k = 1; k < c.in.size(); ++k) {
        Var const x = c.real(k);
        static_cast<void>(c.broadcast_of({out.shape(), x.shape()}));
        out = Var(apply<Op>(out, x), c.inside());
    }
    return {out};
}

/// Whole numbers, of which one list may be a single one.
template <class F> Values whole(Call const& c, F f) {
    auto const &a = c.numbers(0), &b = c.numbers(1);
    if (a.size() != b.size() && a.size() != 1 && b.size() != 1) c.refuse("lists of whole numbers differ in length");
    std::vector<Index> out(a.size() == 1 ? b.size() : a.size());
    for (std::size_t k = 0; k < out.size(); ++k) {
        Index const x = a[a.size() == 1 ? 0 : k], y = b[b.size() == 1 ? 0 : k];
        if (!f(x, y, out[k])) c.refuse("a whole number is too large, or is divided by 0");
    }
    Shape const shape = c.in[0].shape({}).rank() < c.in[1].shape({}).rank() ? c.in[1].shape({}) : c.in[0].shape({});
    return {Value(out, elements_or_none(shape) == std::ssize(out) ? shape : Shape{std::ssize(out)})};
}
bool both_whole(Call const& c) { return c.value(0).is_whole() && c.value(1).is_whole(); }

/// x Wᵀ + b, as linear layers compute it, or any sum.
Values add(Call const& c) {
    if (both_whole(c)) return whole(c, [](Index a, Index b, Index& y) { return !__builtin_add_overflow(a, b, &y); });
    for (std::size_t k : {0u, 1u}) {
        Value const &x = c.value(k), &b = c.value(1 - k);
        if (x.left().empty() || !b.is_real() || b.shape(c.where()).rank() != 1) continue;
        if (b.shape(c.where())[0] == x.weight().shape()[0])
            return {Var(linear(x.left(), x.weight(), b.real(c.where()), c.where()), c.inside())};
    }
    return binary<Add>(c);
}
Values subtract(Call const& c) {
    if (both_whole(c)) return whole(c, [](Index a, Index b, Index& y) { return !__builtin_sub_overflow(a, b, &y); });
    return binary<Subtract>(c);
}
Values multiply(Call const& c) {
    if (both_whole(c)) return whole(c, [](Index a, Index b, Index& y) { return !__builtin_mul_overflow(a, b, &y); });
    return binary<Multiply>(c);
}
Values divide(Call const& c) {
    if (!both_whole(c)) return binary<Divide>(c);
    return whole(c, [](Index a, Index b, Index& y) { return b != 0 && b != -1 ? (y = a / b, true) : false; });
}

Values choose(Call const& c) {
    Var const mask = c.real(0), a = c.real(1), b = c.real(2);
    static_cast<void>(c.broadcast_of({mask.shape(), a.shape(), b.shape()}));
    return {Var(core::where(mask, a, b), c.inside())};
}
Values clip(Call const& c) {
    Var x            = c.real(0);
    float const none = std::numeric_limits<float>::infinity(), low = c.attribute("min", -none),
                high = c.attribute("max", none);
    Var const lo = c.has(1) ? c.real(1) : Var(), hi = c.has(2) ? c.real(2) : Var();
    x = lo.empty() ? Var(maximum(x, double{low}), c.inside()) : Var(maximum(x, lo), c.inside());
    return {hi.empty() ? Var(minimum(x, double{high}), c.inside()) : Var(minimum(x, hi), c.inside())};
}
Values hard_sigmoid(Call const& c) {
    double const a = c.attribute("alpha", 0.2f), b = c.attribute("beta", 0.5f);
    if (static_cast<float>(a) == static_cast<float>(1. / 6) && b == 0.5) return unary<HardSigmoid>(c);
    return {Var(clamp(a * c.real(0) + b, 0, 1), c.inside())};
}
template <class Op> Values with_alpha(Call const& c, float usual) {
    return {Var(apply<Op>(c.real(0), double{c.attribute("alpha", usual)}), c.inside())};
}
Values selu(Call const& c) {
    double const a = c.attribute("alpha", 1.67326319f), g = c.attribute("gamma", 1.05070102f);
    return {Var(g * elu(c.real(0), a), c.inside())};
}

// ---- products -----------------------------------------------------------------------------------------------------------

Values product(Call const& c) {
    Value const& b = c.value(1);
    Var const a    = c.real(0);
    if (!b.weight().empty() && b.left().empty() && a.shape().rank() >= 1 && a.shape().back() == b.weight().shape()[1]) {
        Value const out = Value::product(a, b.weight());
        Shape const s   = out.shape(c.where());
        c.require_size({s.begin(), s.end()});
        return {out};
    }
    Shape s = a.shape();
    if (Shape const t = b.shape(c.where()); !s.empty() && !t.empty()) {
        s.back() = t.back();
        if (t.rank() > 2)
            s = c.broadcast_of({Shape(std::span(s.begin(), s.rank() - 1)), Shape(std::span(t.begin(), t.rank() - 1))});
        c.require_size({s.begin(), s.end()});
    }
    return {matmul(a, c.real(1), c.where())};
}

Values gemm(Call const& c) {
    double const alpha = c.attribute("alpha", 1.f), beta = c.attribute("beta", 1.f);
    Var a = c.real(0), b = c.real(1);
    if (a.shape().rank() != 2 || b.shape().rank() != 2) c.refuse("its operands are no matrices");
    if (c.attribute("transA", Index{0}) != 0) a = transpose(a, c.where());
    if (c.attribute("transB", Index{0}) == 0) b = transpose(b, c.where());
    c.require_size(std::array{a.size(0), b.size(0)});
    bool const bias = c.has(2) && alpha == 1 && beta == 1 && c.real(2).shape() == Shape{b.size(0)};
    if (bias) return {Var(linear(a, b, c.real(2), c.where()), c.inside())};
    Var y(linear(a, b, c.where()), c.inside());
    if (alpha != 1) y = Var(alpha * y, c.inside());
    if (!c.has(2)) return {y};
    static_cast<void>(c.broadcast_of({y.shape(), c.real(2).shape()}));
    return {beta == 1 ? Var(y + c.real(2), c.inside()) : Var(y + beta * c.real(2), c.inside())};
}

// ---- along axes ---------------------------------------------------------------------------------------------------------

struct Along {
    Axes axes;
    Reduced how;
    bool nothing = false;  // of no axes, on purpose
};
Along reduction(Call const& c, std::size_t rank) {
    auto const axes = c.listed("axes", 1);
    Along out{{}, c.attribute("keepdims", Index{1}) != 0 ? Reduced::keep : Reduced::drop};
    if (!axes || axes->empty()) {
        out.nothing = c.attribute("noop_with_empty_axes", Index{0}) != 0;
        return out;
    }
    out.axes.all = false;
    for (Index a : *axes) {
        auto const at = static_cast<Index>(c.axis(a, rank));
        if (std::find(out.axes.list.begin(), out.axes.list.end(), at) != out.axes.list.end())
            c.refuse("an axis is named twice");
        out.axes.list.push_back(at);
    }
    return out;
}
template <class F> Values reduced(Call const& c, F f) {
    Var const x   = c.real(0);
    Along const r = reduction(c, x.shape().rank());
    return {r.nothing ? x : f(x, r)};
}

template <Var (*f)(Argument, Index, Where)> Values along(Call const& c) {
    Var const x = c.real(0);
    Index const axis =
        static_cast<Index>(c.axis(c.attribute("axis", Index{c.run.opset < 13 ? 1 : -1}), x.shape().rank()));
    if (c.run.opset < 13 && axis + 1 != static_cast<Index>(x.shape().rank()))
        c.refuse("before opset 13 it is known along the last axis only");
    return {f(x, axis, c.where())};
}
Values cumulative(Call const& c) {
    if (c.attribute("exclusive", Index{0}) != 0 || c.attribute("reverse", Index{0}) != 0)
        c.refuse("exclusive and reverse are not known");
    auto const& axis = c.numbers(1);
    if (axis.size() != 1) c.refuse("it takes one axis");
    return {cumsum(c.real(0), static_cast<Index>(c.axis(axis[0], c.real(0).shape().rank())), c.where())};
}

}  // namespace

Evaluators const& arithmetic() {
    static Evaluators const all{
        {"Abs", unary<core::Abs>},
        {"Neg", unary<Negate>},
        {"Reciprocal", unary<Reciprocal>},
        {"Sqrt", unary<core::Sqrt>},
        {"Exp", unary<core::Exp>},
        {"Log", unary<core::Log>},
        {"Sin", unary<core::Sin>},
        {"Cos", unary<core::Cos>},
        {"Tan", unary<core::Tan>},
        {"Asin", unary<core::Asin>},
        {"Acos", unary<core::Acos>},
        {"Atan", unary<core::Atan>},
        {"Sinh", unary<core::Sinh>},
        {"Cosh", unary<core::Cosh>},
        {"Tanh", unary<core::Tanh>},
        {"Erf", unary<core::Erf>},
        {"Sigmoid", unary<Sigmoid>},
        {"Softplus", unary<Softplus>},
        {"Softsign", unary<Softsign>},
        {"Relu", unary<Relu>},
        {"Sign", unary<Sign>},
        {"Floor", unary<core::Floor>},
        {"Round", unary<core::Round>},
        {"Add", add},
        {"Sub", subtract},
        {"Mul", multiply},
        {"Div", divide},
        {"Pow", binary<core::Pow>},
        {"Max", folded<Maximum>},
        {"Min", folded<Minimum>},
        {"Less", binary<Less>},
        {"LessOrEqual", binary<LessEqual>},
        {"Greater", binary<Greater>},
        {"GreaterOrEqual", binary<GreaterEqual>},
        {"Equal", binary<core::Equal>},
        {"Where", choose},
        {"Clip", clip},
        {"HardSigmoid", hard_sigmoid},
        {"Selu", selu},
        {"Not", [](Call const& c) -> Values { return {Var(1 - c.real(0), c.inside())}; }},
        {"LeakyRelu", [](Call const& c) { return with_alpha<LeakyRelu>(c, 0.01f); }},
        {"Elu", [](Call const& c) { return with_alpha<Elu>(c, 1); }},
        {"ThresholdedRelu", [](Call const& c) { return with_alpha<ThresholdedRelu>(c, 1); }},
        {"MatMul", product},
        {"Gemm", gemm},
        {"Softmax", along<softmax>},
        {"LogSoftmax", along<log_softmax>},
        {"CumSum", cumulative},
        {"ReduceSum",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return Var(sum(x, r.axes, r.how, c.where())); });
         }},
        {"ReduceMean",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return Var(mean(x, r.axes, r.how, c.where())); });
         }},
        {"ReduceMax",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return max(x, r.axes, r.how, c.where()); });
         }},
        {"ReduceMin",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return min(x, r.axes, r.how, c.where()); });
         }},
        {"ReduceProd",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return prod(x, r.axes, r.how, c.where()); });
         }},
        {"ReduceL2",
         [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return norm2(x, r.axes, r.how, c.where()); });
         }},
        {"ReduceLogSumExp", [](Call const& c) {
             return reduced(c, [&](Var x, auto const& r) { return logsumexp(x, r.axes, r.how, c.where()); });
         }}};
    return all;
}

}  // namespace unspool::nn::onnx
