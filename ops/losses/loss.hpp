// Losses of predicted numbers: each is one elementwise function of prediction and target, then weighed, masked, and summed
// or averaged.  A target is a term, a parameter, a number or an xtensor array; what is not an array of numbers to
// differentiate by costs nothing backward.
#pragma once
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>

namespace unspool::core {

/// What is made of the losses of the single elements.
struct LossOptions {
    Over over = Over::mean;
    Var weight;  ///< times each loss, if there is one; broadcasts
    Var mask;    ///< where it is 0, a loss does not count, not even in the mean, and may be NaN; broadcasts

    LossOptions(Over o = Over::mean, Var w = {}, Var m = {}) : over(o), weight(w), mask(m) {}
    bool plain() const { return weight.empty() && mask.empty(); }
};

/// Sums or averages the losses, which are 0 where the mask is.
Var over_counted(Var losses, Var mask, Over, Where);

[[noreturn]] void refuse_delta(double delta, Where);  ///< ValueError

/// Losses of single elements, or of single predictions, weighed, masked, and summed or averaged:
/// `over(cross_entropy(x, targets, Over::none), {Over::mean, weight, mask})`.
template <Term E> Var over(E const& losses, LossOptions const& how, Where where = Where::here()) {
    if (how.plain() && how.over == Over::none) return record(losses, {}, where);
    if (how.plain())
        return record(losses, {how.over == Over::mean ? Reduction::mean : Reduction::sum, {}, Reduced::drop}, where);
    Tape& tape = tape_of(losses, where);
    Attempt const attempt(tape);
    auto or_one    = [&](Var const& x) { return x.empty() ? tape.constant(1) : x; };
    Var const mask = or_one(how.mask);
    Var const each(core::where(mask, or_one(how.weight) * losses, 0), how.over == Over::none ? where : where.inside());
    return over_counted(each, mask, how.over, where);
}

// ---- of an element --------------------------------------------------------------------------------------------------

struct MeanSquaredError {
    static constexpr auto name = "mse";
    static constexpr About about{
        "(a − b)²", "2 (a − b); 2 (b − a)", "Var y = mse(a, b);",
        "mean, sum or none; weights and masks: `mse(a, b, {Over::sum, weight, mask})`, as in all losses of "
        "numbers; for those of classes, `over(nll(x, t, Over::none), {Over::sum, weight, mask})`"};
    static std::vector<Example> examples();
};
template <class A, class B>
requires Operands<A, B> Var mse(A const& prediction, B const& target, LossOptions const& how = {},
                                Where where = Where::here()) {
    return over(squared_difference(prediction, target), how, where);
}

struct MeanAbsoluteError {
    static constexpr auto name = "mae";
    static constexpr About about{"|a − b|", "sign(a − b); sign(b − a)", "Var y = mae(a, b);", "", "0 where a = b"};
    static std::vector<Example> examples();
};
template <class A, class B>
requires Operands<A, B> Var mae(A const& prediction, B const& target, LossOptions const& how = {},
                                Where where = Where::here()) {
    return over(abs(prediction - target), how, where);
}

/// Of a difference and δ: Huber, "Robust estimation of a location parameter" (1964).
struct Huber {
    static constexpr auto name = "huber";
    static constexpr About about{"d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2), of d = a − b", "d within ±δ",
                                 "Var y = huber(a, b, 0.5);", "δ > 0, by default 1"};
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
requires Operands<A, B> Var huber(A const& prediction, B const& target, double delta = 1, LossOptions const& how = {},
                                  Where where = Where::here()) {
    if (!(delta > 0)) refuse_delta(delta, where);
    return over(apply<Huber>(prediction - target, delta), how, where);
}

/// The logarithms are bounded as PyTorch's are.
struct BinaryCrossEntropy {
    static constexpr auto name = "bce";
    static constexpr About about{"−b ln a − (1 − b) ln(1 − a), the logarithms at least −100",
                                 "(a − b) / (a (1 − a)); ln(1 − a) − ln a", "Var y = bce(a, b);",
                                 "probabilities a, NaN outside of [0, 1], finite at the ends; targets b in [0, 1]"};
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
requires Operands<A, B> Var bce(A const& probability, B const& target, LossOptions const& how = {},
                                Where where = Where::here()) {
    return over(apply<BinaryCrossEntropy>(probability, target), how, where);
}

struct BinaryCrossEntropyWithLogits {
    static constexpr auto name = "bce_with_logits";
    static constexpr About about{"max(a, 0) − a b + ln(1 + exp(−|a|))", "sigmoid(a) − b; −a",
                                 "Var y = bce_with_logits(a, b);",
                                 "logits a, targets b in [0, 1]; finite for all finite a"};
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return Softplus::f(a) - a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {value_of<Sigmoid>(a) - b, -a}; }
};
template <class A, class B>
requires Operands<A, B> Var bce_with_logits(A const& logit, B const& target, LossOptions const& how = {},
                                            Where where = Where::here()) {
    return over(apply<BinaryCrossEntropyWithLogits>(logit, target), how, where);
}

struct KullbackLeibler {
    static constexpr auto name = "kl_div";
    static constexpr About about{"b (ln b − a)", "−b; ln b + 1 − a", "Var y = kl_div(log_softmax(a), softmax(b));",
                                 "log-probabilities a, probabilities b; 0 where b = 0, NaN where b < 0"};
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return select(b == V(0), V(0), b * (log(b) - a)); }
    template <class V> static Pair<V> df(V a, V b, V) { return {-b, log(b) + V(1) - a}; }
};
template <class A, class B>
requires Operands<A, B> Var kl_div(A const& log_probability, B const& target, LossOptions const& how = {},
                                   Where where = Where::here()) {
    return over(apply<KullbackLeibler>(log_probability, target), how, where);
}

struct Hinge {
    static constexpr auto name = "hinge";
    static constexpr About about{"max(1 − a b, 0)", "−b; −a; 0 where a b ≥ 1",
                                 "Var y = hinge(a, where(b > 0.5, 1, -1));", "targets b of ±1", "0 where a b = 1"};
    static std::vector<Example> examples();
};
template <class A, class B>
requires Operands<A, B> Var hinge(A const& prediction, B const& target, LossOptions const& how = {},
                                  Where where = Where::here()) {
    return over(relu(1 - prediction * target), how, where);
}

struct PoissonNll {
    static constexpr auto name = "poisson_nll";
    static constexpr About about{"exp(a) − a b", "exp(a) − b; −a", "Var y = poisson_nll(a, b);",
                                 "a the logarithm of the rate, b counts; without ln b!, which is constant"};
    static std::vector<Example> examples();
    template <class V> static V f(V a, V b) { return exp(a) - a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {exp(a) - b, -a}; }
};
template <class A, class B>
requires Operands<A, B> Var poisson_nll(A const& log_rate, B const& count, LossOptions const& how = {},
                                        Where where = Where::here()) {
    return over(apply<PoissonNll>(log_rate, count), how, where);
}

/// Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994).
struct GaussianNll {
    static constexpr auto name = "gaussian_nll";
    static constexpr About about{"(ln v + (a − b)² / v) / 2", "(a − b) / v; (b − a) / v; (1 − (a − b)² / v) / 2v",
                                 "Var y = gaussian_nll(a, b, square(x));",
                                 "v the variance, below 1e-6 counted as that, with a derivative that still passes; "
                                 "without ln √2π, which is constant"};
    static std::vector<Example> examples();
    template <class V> static V bounded(V v) { return select(v < splat<V>(1e-6L), splat<V>(1e-6L), v); }
    template <class V> static V f(V a, V b, V v) { return V(0.5) * (log(bounded(v)) + (a - b) * (a - b) / bounded(v)); }
    template <class V> static Triple<V> df(V a, V b, V v, V) {
        V const d = (a - b) / bounded(v);
        return {d, -d, V(0.5) * (V(1) - d * (a - b)) / bounded(v)};
    }
};
template <class A, class B, class V>
requires Operands<A, B, V> Var gaussian_nll(A const& prediction, B const& target, V const& variance,
                                            LossOptions const& how = {}, Where where = Where::here()) {
    return over(apply<GaussianNll>(prediction, target, variance), how, where);
}

/// From one normal distribution to another: Kingma and Welling, "Auto-encoding variational Bayes" (2014), appendix B, where that is N(0, 1).
struct GaussianKl {
    static constexpr auto name = "gaussian_kl";
    static constexpr About about{
        "(exp(b − c) − 1 − (b − c) + a² exp(−c)) / 2",
        "a exp(−c); (exp(b − c) − 1) / 2; −(exp(b − c) − 1 + a² exp(−c)) / 2", "Var y = gaussian_kl(a, b);",
        "means that differ by a, the logarithms b and c of the variances; to N(0, 1) if there is no other, "
        "else gaussian_kl(mean, log_variance, other_mean, other_log_variance)"};
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
requires Operands<M, L> Var gaussian_kl(M const& mean, L const& log_variance, LossOptions const& how = {},
                                        Where where = Where::here()) {
    return over(apply<GaussianKl>(mean, log_variance, 0), how, where);
}
/// From N(other_mean, exp(other_log_variance)): a prior that is learned.
template <class M, class L, class N, class K>
requires Operands<M, L, N, K> Var gaussian_kl(M const& mean, L const& log_variance, N const& other_mean,
                                              K const& other_log_variance, LossOptions const& how = {},
                                              Where where = Where::here()) {
    return over(apply<GaussianKl>(mean - other_mean, log_variance, other_log_variance), how, where);
}

// ---- of a vector ----------------------------------------------------------------------------------------------------

struct CosineLoss {
    static constexpr auto name = "cosine";
    static constexpr About about{"1 − Σ a b / (|a| |b|), along the last axis",
                                 "((1 − y) a / |a| − b / |b|) / |a|, and with a and b exchanged",
                                 "Var y = cosine(a, b);", "|a| and |b| count as at least 1e-8"};
    static std::vector<Example> examples();
};
Var cosine(Argument a, Argument b, LossOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::LossOptions, core::bce, core::bce_with_logits, core::cosine, core::gaussian_kl, core::gaussian_nll,
    core::hinge, core::huber, core::kl_div, core::mae, core::mse, core::poisson_nll;

}  // namespace unspool
