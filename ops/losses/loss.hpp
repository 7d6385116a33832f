// Losses of predicted numbers: each is one elementwise function of prediction and target, then weighed, masked, and summed
// or averaged.  A target is a term, a parameter, a number, an xtensor array or a range of integers; what is not an array of
// numbers to differentiate by costs nothing backward.
//
// Nothing repeats unless one asks for it: a target has the shape of its prediction, or is a number or a scalar; else it is a
// ShapeError, which says what may be meant.  To repeat a target, write broadcast_to(target, prediction.shape()).
#pragma once
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>
#include <unspool/ops/losses/paired.hpp>

namespace unspool::core {

[[noreturn]] void refuse_delta(double delta, Where);  ///< ValueError

// ---- of an element --------------------------------------------------------------------------------------------------

struct MeanSquaredError {
    static constexpr auto name = "mse";
    static constexpr About about{"(a − b)²", "2 (a − b); 2 (b − a)", "Var y = mse(a, b);",
                                 "b of the shape of a, or a scalar; mean, sum or none; weights and masks: "
                                 "`mse(a, b, {Over::sum, weight, mask})`, as in all losses of numbers; for those of "
                                 "classes, `over(nll(x, t, Over::none), {Over::sum, weight, mask})`"};
    static constexpr std::array operands{"prediction", "target"};
    static std::vector<Example> examples();
};
template <class A, class B>
requires JudgedOperands<A, B> Var mse(A const& prediction, B const& target, LossOptions const& how = {},
                                      Where where = Where::here()) {
    return paired<MeanSquaredError>(
        how, where, [](auto const& a, auto const& b) { return squared_difference(a, b); }, prediction, target);
}

struct MeanAbsoluteError {
    static constexpr auto name = "mae";
    static constexpr About about{"|a − b|", "sign(a − b); sign(b − a)", "Var y = mae(a, b);", "", "0 where a = b"};
    static constexpr std::array operands{"prediction", "target"};
    static std::vector<Example> examples();
};
template <class A, class B>
requires JudgedOperands<A, B> Var mae(A const& prediction, B const& target, LossOptions const& how = {},
                                      Where where = Where::here()) {
    return paired<MeanAbsoluteError>(
        how, where, [](auto const& a, auto const& b) { return abs(a - b); }, prediction, target);
}

/// Of a difference and δ: Huber, "Robust estimation of a location parameter" (1964).
struct Huber {
    static constexpr auto name = "huber";
    static constexpr auto c    = "const real x = fabs$(a); return x <= b ? x * x / 2 : b * (x - b / 2);";
    static constexpr About about{"d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2), of d = a − b", "d within ±δ",
                                 "Var y = huber(a, b, 0.5);", "δ > 0, by default 1"};
    static constexpr std::array operands{"prediction", "target"};
    static std::vector<Example> examples();
    template <class V> static V f(V d, V delta) {
        return select(abs(d) <= delta, V(0.5) * d * d, delta * (abs(d) - V(0.5) * delta));
    }
    template <class V> static Pair<V> df(V d, V delta, V) {
        V const beyond = abs(d) - delta;
        return {select(d > delta, delta, select(d < -delta, -delta, d)), select(beyond > V(0), beyond, V(0))};
    }
};
template <class A, class B>
requires JudgedOperands<A, B> Var huber(A const& prediction, B const& target, double delta = 1,
                                        LossOptions const& how = {}, Where where = Where::here()) {
    if (!(delta > 0)) refuse_delta(delta, where);
    return paired<Huber>(
        how, where, [&](auto const& a, auto const& b) { return apply<Huber>(a - b, delta); }, prediction, target);
}

/// The logarithms are bounded as PyTorch's are.
struct BinaryCrossEntropy {
    static constexpr auto name = "bce";
    static constexpr auto c = "const real p = log$(a), q = log$(1 - a); return -(b * (p < -100 ? -100 : p) + (1 - b) * "
                              "(q < -100 ? -100 : q));";
    static constexpr About about{"−b ln a − (1 − b) ln(1 − a), the logarithms at least −100",
                                 "(a − b) / (a (1 − a)); ln(1 − a) − ln a", "Var y = bce(a, b);",
                                 "probabilities a, NaN outside of [0, 1], finite at the ends; targets b in [0, 1], or "
                                 "classes 0 and 1 as integers"};
    static constexpr std::array operands{"probability", "target"};
    static constexpr TargetsAre targets = TargetsAre::probabilities;
    static std::vector<Example> examples();
    template <class V> static V bounded_log(V x) {
        V const l = log(x);
        return select(l < V(-100), V(-100), l);
    }
    template <class V> static V f(V a, V b) { return -(b * bounded_log(a) + (V(1) - b) * bounded_log(V(1) - a)); }
    template <class V> static Pair<V> df(V a, V b, V) {
        return {(a - b) / max(a * (V(1) - a), V(1e-12f)), bounded_log(V(1) - a) - bounded_log(a)};
    }
};
template <class A, class B>
requires JudgedOperands<A, B> Var bce(A const& probability, B const& target, LossOptions const& how = {},
                                      Where where = Where::here()) {
    return paired<BinaryCrossEntropy>(how, where, applying<BinaryCrossEntropy>, probability, target);
}

struct BinaryCrossEntropyWithLogits {
    static constexpr auto name = "bce_with_logits";
    static constexpr auto c    = "return (a > 0 ? a : 0) + log1p$(exp$(-fabs$(a))) - a * b;";
    static constexpr About about{
        "max(a, 0) − a b + ln(1 + exp(−|a|))", "sigmoid(a) − b; −a", "Var y = bce_with_logits(a, b);",
        "logits a, targets b in [0, 1], or classes 0 and 1 as integers; finite for all finite a"};
    static constexpr std::array operands{"logit", "target"};
    static constexpr TargetsAre targets = TargetsAre::probabilities;
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return Softplus::f(a) - a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {value_of<Sigmoid>(a) - b, -a}; }
};
template <class A, class B>
requires JudgedOperands<A, B> Var bce_with_logits(A const& logit, B const& target, LossOptions const& how = {},
                                                  Where where = Where::here()) {
    return paired<BinaryCrossEntropyWithLogits>(how, where, applying<BinaryCrossEntropyWithLogits>, logit, target);
}

struct KullbackLeibler {
    static constexpr auto name = "kl_div";
    static constexpr auto c    = "return b == 0 ? 0 : b * (log$(b) - a);";
    static constexpr About about{"b (ln b − a)", "−b; ln b + 1 − a", "Var y = kl_div(log_softmax(a), softmax(b));",
                                 "log-probabilities a, probabilities b; 0 where b = 0, NaN where b < 0"};
    static constexpr std::array operands{"log_probability", "target"};
    static constexpr TargetsAre targets = TargetsAre::not_negative;
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return select(b == V(0), V(0), b * (log(b) - a)); }
    template <class V> static Pair<V> df(V a, V b, V) { return {-b, log(b) + V(1) - a}; }
};
template <class A, class B>
requires JudgedOperands<A, B> Var kl_div(A const& log_probability, B const& target, LossOptions const& how = {},
                                         Where where = Where::here()) {
    return paired<KullbackLeibler>(how, where, applying<KullbackLeibler>, log_probability, target);
}

struct Hinge {
    static constexpr auto name = "hinge";
    static constexpr About about{"max(1 − a b, 0)", "−b; −a; 0 where a b ≥ 1",
                                 "Var y = hinge(a, where(b > 0.5, 1, -1));", "targets b of ±1", "0 where a b = 1"};
    static constexpr std::array operands{"prediction", "target"};
    static constexpr TargetsAre targets = TargetsAre::signs;
    static std::vector<Example> examples();
};
template <class A, class B>
requires JudgedOperands<A, B> Var hinge(A const& prediction, B const& target, LossOptions const& how = {},
                                        Where where = Where::here()) {
    return paired<Hinge>(
        how, where, [](auto const& a, auto const& b) { return relu(1 - a * b); }, prediction, target);
}

struct PoissonNll {
    static constexpr auto name = "poisson_nll";
    static constexpr auto c    = "return exp$(a) - a * b;";
    static constexpr About about{"exp(a) − a b", "exp(a) − b; −a", "Var y = poisson_nll(a, b);",
                                 "a the logarithm of the rate, b counts; without ln b!, which is constant"};
    static constexpr std::array operands{"log_rate", "count"};
    static constexpr TargetsAre targets = TargetsAre::not_negative;
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return exp(a) - a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {exp(a) - b, -a}; }
};
template <class A, class B>
requires JudgedOperands<A, B> Var poisson_nll(A const& log_rate, B const& count, LossOptions const& how = {},
                                              Where where = Where::here()) {
    return paired<PoissonNll>(how, where, applying<PoissonNll>, log_rate, count);
}

/// Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994).
struct GaussianNll {
    static constexpr auto name = "gaussian_nll";
    static constexpr auto c    = "const real v = c < 1e-6$ ? 1e-6$ : c; return (log$(v) + (a - b) * (a - b) / v) / 2;";
    static constexpr About about{"(ln v + (a − b)² / v) / 2", "(a − b) / v; (b − a) / v; (1 − (a − b)² / v) / 2v",
                                 "Var y = gaussian_nll(a, b, square(x));",
                                 "v the variance, below 1e-6 counted as that, with a derivative that still passes; "
                                 "without ln √2π, which is constant"};
    static constexpr std::array operands{"prediction", "target", "variance"};
    static std::vector<Example> examples();
    template <class V> static V bounded(V v) { return select(v < splat<V>(1e-6L), splat<V>(1e-6L), v); }
    template <class V> static V f(V a, V b, V v) { return V(0.5) * (log(bounded(v)) + (a - b) * (a - b) / bounded(v)); }
    template <class V> static Triple<V> df(V a, V b, V v, V) {
        V const d = (a - b) / bounded(v);
        return {d, -d, V(0.5) * (V(1) - d * (a - b)) / bounded(v)};
    }
};
template <class A, class B, class V>
requires JudgedOperands<A, B, V> Var gaussian_nll(A const& prediction, B const& target, V const& variance,
                                                  LossOptions const& how = {}, Where where = Where::here()) {
    return paired<GaussianNll>(how, where, applying<GaussianNll>, prediction, target, variance);
}

/// From one normal distribution to another: Kingma and Welling, "Auto-encoding variational Bayes" (2014), appendix B, where that is N(0, 1).
struct GaussianKl {
    static constexpr auto name = "gaussian_kl";
    static constexpr auto c    = "return (expm1$(b - c) - (b - c) + a * a * exp$(-c)) / 2;";
    static constexpr About about{
        "(exp(b − c) − 1 − (b − c) + a² exp(−c)) / 2",
        "a exp(−c); (exp(b − c) − 1) / 2; −(exp(b − c) − 1 + a² exp(−c)) / 2", "Var y = gaussian_kl(a, b);",
        "means that differ by a, the logarithms b and c of the variances; to N(0, 1) if there is no other, "
        "else gaussian_kl(mean, log_variance, other_mean, other_log_variance)"};
    static constexpr std::array operands{"mean", "log_variance", "other_mean", "other_log_variance"};
    static constexpr std::size_t pairs = 1;  // all others describe
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b, V c) {
        V const d = b - c;
        return V(0.5) * (Expm1::f(d) - d + a * a * exp(-c));
    }
    template <class V> static Triple<V> df(V a, V b, V c, V) {
        V const precision = exp(-c), excess = value_of<Expm1>(b - c);
        return {a * precision, V(0.5) * excess, V(-0.5) * (excess + a * a * precision)};
    }
};
/// Of N(mean, exp(log_variance)) from N(0, 1), element by element: what a variational autoencoder pays for its code.
template <class M, class L>
requires JudgedOperands<M, L> Var gaussian_kl(M const& mean, L const& log_variance, LossOptions const& how = {},
                                              Where where = Where::here()) {
    return paired<GaussianKl>(
        how, where, [](auto const& m, auto const& l) { return apply<GaussianKl>(m, l, 0); }, mean, log_variance);
}
/// From N(other_mean, exp(other_log_variance)): a prior that is learned.
template <class M, class L, class N, class K>
requires JudgedOperands<M, L, N, K> Var gaussian_kl(M const& mean, L const& log_variance, N const& other_mean,
                                                    K const& other_log_variance, LossOptions const& how = {},
                                                    Where where = Where::here()) {
    return paired<GaussianKl>(
        how, where,
        [](auto const& m, auto const& l, auto const& n, auto const& k) { return apply<GaussianKl>(m - n, l, k); }, mean,
        log_variance, other_mean, other_log_variance);
}

// ---- of a vector ----------------------------------------------------------------------------------------------------

struct CosineLoss {
    static constexpr auto name = "cosine";
    static constexpr About about{"1 − Σ a b / (|a| |b|), along the last axis",
                                 "((1 − y) a / |a| − b / |b|) / |a|, and with a and b exchanged",
                                 "Var y = cosine(a, b);", "|a| and |b| count as at least 1e-8"};
    static constexpr std::array operands{"prediction", "target"};
    static std::vector<Example> examples();
};
Var cosine(Argument a, Argument b, LossOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::bce, core::bce_with_logits, core::cosine, core::gaussian_kl, core::gaussian_nll, core::hinge, core::huber,
    core::kl_div, core::mae, core::mse, core::poisson_nll;

}  // namespace unspool
