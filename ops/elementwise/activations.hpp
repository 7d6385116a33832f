// Activation functions, with PyTorch's constants and conventions.  A parameter of one is an operand like any other: a
// number, or a Param that is learned.
#pragma once
#include <numbers>
#include <unspool/ops/elementwise/decay.hpp>
#include <unspool/ops/elementwise/functions.hpp>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

// ---- sigmoids -------------------------------------------------------------------------------------------------------

/// With t = sigmoid(-|x|), 1 - t or, as exp(-|x|) (1 - t), t again: of its errors little is left.
struct Sigmoid : AnyBits {
    static constexpr auto name   = "sigmoid";
    static constexpr auto c      = "const real e = exp$(-fabs$(x)); return x < 0 ? e / (1 + e) : 1 / (1 + e);";
    static constexpr auto domain = Interval{-4, 4};
    static constexpr About about{"1 / (1 + e⁻ˣ)", "y (1 − y)", "Var y = sigmoid(x);"};
    template <class V> static V f(V x) {
        V const e = decay(x), t = e / (V(1) + e), b = select(x < V(0), e, V(1));
        return fnma(b, t, b);
    }
    template <class V> static V df(V, V y) { return y * (V(1) - y); }
    /// The derivative where y, near 1, has lost 1 - y.
    template <class V> static V slope(V x) {
        if constexpr (is_symbol<V>) return value_of<Sigmoid>(x) * value_of<Sigmoid>(-x);
        V const e = decay(x), t = e / (V(1) + e);
        return fnma(t, t, t);
    }
};
template <Symbolic A> auto sigmoid(A const& x) { return apply<Sigmoid>(x); }

struct Softplus : AnyBits {
    static constexpr auto name   = "softplus";
    static constexpr auto c      = "return (x > 0 ? x : 0) + log1p$(exp$(-fabs$(x)));";
    static constexpr auto domain = Interval{-4, 4};
    static constexpr About about{"ln(1 + eˣ)", "sigmoid x", "Var y = softplus(x);"};
    template <class V> static V f(V x) { return select(x > V(0), x, V(0)) + log1p(decay(x)); }
    template <class V> static V df(V x, V) { return value_of<Sigmoid>(x); }
};
template <Symbolic A> auto softplus(A const& x) { return apply<Softplus>(x); }

struct LogSigmoid : AnyBits {
    static constexpr auto name   = "log_sigmoid";
    static constexpr auto c      = "return (x < 0 ? x : 0) - log1p$(exp$(-fabs$(x)));";
    static constexpr auto domain = Interval{-4, 4};
    static constexpr About about{"ln sigmoid x = −softplus(−x)", "sigmoid(−x)", "Var y = log_sigmoid(x);"};
    template <class V> static V f(V x) { return -Softplus::f(-x); }
    template <class V> static V df(V x, V) { return value_of<Sigmoid>(-x); }
};
template <Symbolic A> auto log_sigmoid(A const& x) { return apply<LogSigmoid>(x); }

struct Softsign : AnyBits {
    static constexpr auto name   = "softsign";
    static constexpr auto c      = "return isinf(x) ? (x > 0 ? 1 : -1) : x / (1 + fabs$(x));";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"x / (1 + |x|)", "1 / (1 + |x|)²", "Var y = softsign(x);", "±1 at ±∞"};
    template <class V> static V f(V x) { return within(-1e30, 1e30, x) / (V(1) + within(-1e30, 1e30, abs(x))); }
    template <class V> static V df(V x, V) {
        V const slope = V(1) / (V(1) + abs(x));
        return slope * slope;
    }
};
template <Symbolic A> auto softsign(A const& x) { return apply<Softsign>(x); }

struct HardSigmoid : AnyBits {
    static constexpr auto name      = "hard_sigmoid";
    static constexpr auto c         = "return x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6;";
    static constexpr auto domain    = Interval{-5, 5};
    static constexpr double kinks[] = {-3, 3};
    static constexpr About about{"(x + 3) / 6 within [0, 1]", "1/6 where |x| < 3, else 0", "Var y = hard_sigmoid(x);",
                                 "", "0 at ±3"};
    template <class V> static V f(V x) { return within(0, 6, x + V(3)) / V(6); }
    template <class V> static V df(V x, V) { return select(abs(x) < V(3), splat<V>(1.0L / 6), V(0)); }
};
template <Symbolic A> auto hard_sigmoid(A const& x) { return apply<HardSigmoid>(x); }

struct HardTanh : AnyBits {
    static constexpr auto name      = "hard_tanh";
    static constexpr auto c         = "return x < -1 ? -1 : x > 1 ? 1 : x;";
    static constexpr auto domain    = Interval{-2, 2};
    static constexpr double kinks[] = {-1, 1};
    static constexpr About about{"x within [−1, 1]", "1 where |x| < 1, else 0", "Var y = hard_tanh(x);", "", "0 at ±1"};
    template <class V> static V f(V x) { return within(-1, 1, x); }
    template <class V> static V df(V x, V) { return select(abs(x) < V(1), V(1), V(0)); }
};
template <Symbolic A> auto hard_tanh(A const& x) { return apply<HardTanh>(x); }

/// ONNX's name.
struct ScaledTanh : AnyBits {
    static constexpr auto name   = "scaled_tanh";
    static constexpr auto c      = "return b * tanh$(c * a);";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"α tanh(β x)", "with t = tanh(β x): αβ (1 − t²), t, α x (1 − t²)",
                                 "Var y = scaled_tanh(x, 1.7, 0.7);"};
    template <class V> static V f(V x, V alpha, V beta) { return alpha * tanh(beta * x); }
    template <class V> static Triple<V> df(V x, V alpha, V beta, V) {
        V const t = tanh(beta * x), slope = alpha * (V(1) - t * t);
        return {beta * slope, t, select(slope == V(0), slope, x * slope)};  // at ±∞ too
    }
};
template <class X, class A, class B>
requires Operands<X, A, B>
auto scaled_tanh(X&& x, A&& alpha, B&& beta) { return apply<ScaledTanh>(x, alpha, beta); }

// ---- rectifiers -----------------------------------------------------------------------------------------------------

struct Relu : AnyBits {
    static constexpr auto name      = "relu";
    static constexpr auto c         = "return x <= 0 ? 0 : x;";
    static constexpr auto domain    = Interval{-2, 2};
    static constexpr double kinks[] = {0};
    static constexpr About about{"max(x, 0)", "1 where x > 0, else 0", "Var y = relu(x);", "NaN stays NaN",
                                 "0 at x = 0"};
    template <class V> static V f(V x) { return select(x <= V(0), V(0), x); }
    template <class V> static V df(V x, V) { return select(x > V(0), V(1), V(0)); }
};
template <Symbolic A> auto relu(A const& x) { return apply<Relu>(x); }

struct LeakyRelu : AnyBits {
    static constexpr auto name   = "leaky_relu";
    static constexpr auto c      = "return a > 0 ? a : b * a;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"x where x > 0, else slope · x", "1, 0 where x > 0, else slope, x",
                                 "Var y = leaky_relu(x, 0.2);", "a slope that is a Param makes it PReLU",
                                 "slope, 0 at x = 0"};
    template <class V> static V f(V x, V slope) { return select(x > V(0), x, slope * x); }
    template <class V> static Pair<V> df(V x, V slope, V) {
        return {select(x > V(0), V(1), slope), select(x > V(0), V(0), x)};
    }
};
template <class X, class S = double>
requires Operands<X, S>
auto leaky_relu(X&& x, S&& slope = 0.01) { return apply<LeakyRelu>(x, slope); }

/// ONNX's name.
struct ThresholdedRelu : AnyBits {
    static constexpr auto name   = "thresholded_relu";
    static constexpr auto c      = "return a <= b ? 0 : a;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"x where x > θ, else 0", "1, 0 where x > θ, else 0, 0",
                                 "Var y = thresholded_relu(x, 0.5);", "NaN stays NaN", "0, 0 at x = θ"};
    template <class V> static V f(V x, V theta) { return select(x <= theta, V(0), x); }
    template <class V> static Pair<V> df(V x, V theta, V) { return {select(x > theta, V(1), V(0)), V(0)}; }
};
template <class X, class T = double>
requires Operands<X, T>
auto thresholded_relu(X&& x, T&& theta = 1.0) { return apply<ThresholdedRelu>(x, theta); }

struct Elu : AnyBits {
    static constexpr auto name   = "elu";
    static constexpr auto c      = "return a > 0 ? a : b * expm1$(a);";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"x where x > 0, else α (eˣ − 1)", "1, 0 where x > 0, else α eˣ, eˣ − 1",
                                 "Var y = elu(x, 0.5);", "", "α, 0 at x = 0"};
    template <class V> static V f(V x, V alpha) { return select(x > V(0), x, alpha * accurate_expm1(x)); }
    template <class V> static Pair<V> df(V x, V alpha, V) {
        using C       = Wider<typename V::value_type>;  // alpha multiplies what a subnormal exponential has lost
        V const low   = select(x > V(0), V(0), x);      // nothing infinite, which 0 would multiply
        V const root  = exp(V(0.5) * low);
        V const below = in_lanes_if<C>(
            x < V(std::same_as<C, double> ? -87 : -708), alpha * root * root, [](C v, C a) { return a * std::exp(v); },
            x, alpha);
        return {select(x > V(0), V(1), below), select(x > V(0), V(0), accurate_expm1(low))};
    }
};
template <class X, class A = double>
requires Operands<X, A>
auto elu(X&& x, A&& alpha = 1.0) { return apply<Elu>(x, alpha); }

/// Klambauer et al., 2017.
struct Selu : AnyBits {
    static constexpr auto name          = "selu";
    static constexpr auto c             = "return x > 0 ? 1.0507009873554805$ * x : 1.7580993408473766$ * expm1$(x);";
    static constexpr auto domain        = Interval{-2, 2};
    static constexpr double kinks[]     = {0};
    static constexpr long double lambda = 1.0507009873554804934L, alpha = 1.6732632423543772848L;
    static constexpr About about{"λ x where x > 0, else λα (eˣ − 1); λ = 1.0507…, α = 1.6733…",
                                 "λ where x > 0, else λα eˣ", "Var y = selu(x);", "", "λα at x = 0"};
    template <class V> static V f(V x) {
        return select(x > V(0), splat<V>(lambda) * x, splat<V>(lambda * alpha) * accurate_expm1(x));
    }
    template <class V> static V df(V x, V) {
        V const low = select(x > V(0), V(0), x);
        return select(x > V(0), splat<V>(lambda), splat<V>(lambda * alpha) * value_of<Exp>(low));
    }
};
template <Symbolic A> auto selu(A const& x) { return apply<Selu>(x); }

// ---- smooth rectifiers:  x times a sigmoid of x ---------------------------------------------------------------------

struct Silu : AnyBits {
    static constexpr auto name   = "silu";
    static constexpr auto c      = "return x < -1e30$ ? 0 : x / (1 + exp$(-x));";
    static constexpr auto domain = Interval{-4, 4};
    static constexpr About about{"x sigmoid x", "s (1 + x (1 − s)) with s = sigmoid x", "Var y = silu(x);"};
    template <class V> static V f(V x) {
        return in_wider([](auto v) { return not_below(-1e30, v) / (decltype(v)(1) + accurate_exp(-v)); }, x);
    }
    template <class V> static V df(V x, V) {
        if constexpr (is_float<V>) return in_wider([](auto v) { return df(v, v); }, x);    // it goes through 0
        V const near = value_of<Sigmoid>(x) + within(-1000, 1000, x) * Sigmoid::slope(x);  // at ±∞ too
        using C      = long double;  // far below 0, x would multiply what a subnormal s has lost
        return in_lanes_if<C>(
            x < V(-700), near, [](C v) { return std::exp(v) * (1 + std::max(v, C(-1e4))); }, x);
    }
};
template <Symbolic A> auto silu(A const& x) { return apply<Silu>(x); }

/// With the normal distribution Φ, and its density φ.
struct Gelu : AnyBits {
    static constexpr auto name   = "gelu";
    static constexpr auto c      = "return x < -1e30$ ? 0 : x / 2 * erfc$(-x * 0.7071067811865476$);";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"x Φ(x) = x (1 + erf(x/√2)) / 2", "Φ(x) + x φ(x)", "Var y = gelu(x);"};
    template <class V> static V f(V x) {
        return in_wider([](auto v) { return not_below(-1e30, v) * normal(v); }, x);  // Φ is small where it is steep
    }
    template <class V> static V df(V x, V) {
        if constexpr (is_float<V>) return in_wider([](auto v) { return slope(v, normal(v)); }, x);  // it goes through 0
        V const bounded = within(-40, 40, x), near = slope(x, normal_below(bounded));
        auto const far = [](long double v) { return normal(v) + density * v * std::exp(-v * v / 2); };
        return in_lanes_if<long double>(x < V(-37.5), near, far, bounded);  // where the density is subnormal
    }

private:
    template <class V> static V slope(V x, V below) {
        V const bounded = within(-40, 40, x);  // beyond, the product is 0, at ±∞ too
        return below + splat<V>(density) * bounded * bell(bounded, V(0.5));
    }
    template <class V> static V normal_below(V x) {
        if constexpr (is_symbol<V>) return normal(x);
        else return in_lanes<double>([](double v) { return normal(v); }, x);
    }
    template <class C> static C normal(C v) {
        using std::erfc;
        return splat<C>(0.5) * erfc(v * splat<C>(-std::numbers::sqrt2_v<long double> / 2));
    }
    static constexpr long double density = std::numbers::inv_sqrtpi_v<long double> / std::numbers::sqrt2_v<long double>;
};
template <Symbolic A> auto gelu(A const& x) { return apply<Gelu>(x); }

/// Hendrycks and Gimpel's approximation of gelu.
struct GeluTanh : AnyBits {
    static constexpr auto name = "gelu_tanh";
    static constexpr auto c =
        "return x < -1e9$ ? 0 : x / (1 + exp$(-1.5957691216057308$ * (x + 0.044715$ * x * x * x)));";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³)",
                                 "s + x s (1 − s) 2u′ with s = (1 + tanh u) / 2", "Var y = gelu_tanh(x);"};
    template <class V> static V f(V x) {
        return in_wider(  // (1 + tanh u) / 2 = sigmoid 2u is small where it is steep
            []<class C>(C w) {
                C const v = not_below(-1e30, w);
                return v / (C(1) + accurate_exp(splat<C>(-slope) * (v + splat<C>(cubic) * v * v * v)));
            },
            x);
    }
    template <class V> static V df(V x, V) {
        if constexpr (is_symbol<V>) return near(x);
        else if constexpr (is_float<V>) return in_wider([](auto v) { return near(v); }, x);  // it goes through 0
        else {
            auto const steep = x < V(-3);
            auto const exact = [](auto w) { return derivative_of_tail(w); };
            return any(steep) ? select(steep, in_wider(exact, within(-100, 100, x)), near(x)) : near(x);
        }
    }

private:
    static constexpr long double slope =
        2 * std::numbers::sqrt2_v<long double> * std::numbers::inv_sqrtpi_v<long double>;  // of 2u at 0
    static constexpr long double cubic = 0.044715L;
    template <class V> static V near(V x) {
        V const v = within(-100, 100, x), a = splat<V>(slope), b = splat<V>(cubic), u2 = a * (v + b * v * v * v);
        return value_of<Sigmoid>(u2) + v * Sigmoid::slope(u2) * a * (V(1) + V(3) * b * v * v);
    }
    template <class C> static C derivative_of_tail(C v) {
        using std::exp;
        C const a = splat<C>(slope), b = splat<C>(cubic), e = exp(a * (v + b * v * v * v)), s = e / (C(1) + e);
        return s + v * s * (C(1) - s) * a * (C(1) + C(3) * b * v * v);
    }
};
template <Symbolic A> auto gelu_tanh(A const& x) { return apply<GeluTanh>(x); }

using UnaryActivations =
    WithDomain<Sigmoid, Softplus, LogSigmoid, Softsign, HardSigmoid, HardTanh, Relu, Selu, Silu, Gelu, GeluTanh>;
using BinaryActivations  = WithDomain<LeakyRelu, ThresholdedRelu, Elu>;
using TernaryActivations = WithDomain<ScaledTanh>;

}  // namespace unspool::core

namespace unspool {

using core::elu, core::gelu, core::gelu_tanh, core::hard_sigmoid, core::hard_tanh, core::leaky_relu, core::log_sigmoid,
    core::relu, core::scaled_tanh, core::selu, core::sigmoid, core::silu, core::softplus, core::softsign,
    core::thresholded_relu;

}  // namespace unspool
