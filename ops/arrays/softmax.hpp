// Probabilities, their logarithms, and log Σ exp: none of them overflows, however large x is.
#pragma once
#include <cmath>
#include <unspool/autograd/call/about.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/registers.hpp>

namespace unspool::core {

struct Softmax : Mapping<Softmax> {
    static constexpr auto name = "softmax";
    static constexpr About about{"exp(x) / Σ exp(x)", "dx = y ⊙ (g − Σ g ⊙ y)", "Var y = softmax(x);",
                                 "along the last axis, or another; NaN if an element is NaN or +∞, or all are −∞"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, std::span<N const> g, std::span<N const> y) const;
};
Var softmax(Argument x, Index axis = -1, Where = Where::here());

struct LogSoftmax : Mapping<LogSoftmax> {
    static constexpr auto name = "log_softmax";
    static constexpr About about{"x − log Σ exp(x)", "dx = g − softmax(x) Σ g", "Var y = log_softmax(x);",
                                 "where softmax is NaN, so is it"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, std::span<N const> g, std::span<N const> y) const;
};
Var log_softmax(Argument x, Index axis = -1, Where = Where::here());

struct LogSumExp : Reducing<LogSumExp> {
    static constexpr auto name = "logsumexp";
    static constexpr About about{"log Σ exp(x)", "softmax(x)", "Var y = logsumexp(x, -1);",
                                 "−∞ of no elements; the derivative is 0 where y is −∞"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var logsumexp(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

// ---- for losses that are made of them -------------------------------------------------------------------------------

/// log(sum(exp(x))) as top + rest, with the largest taken out so that nothing overflows, and kept apart so that nothing
/// is lost to its size.  The rest is NaN where x has one, and where the largest is infinite.
template <Numeric N> struct Normaliser {
    N top = N(0), rest = N(0);

    /// x - log(sum(exp(x)))
    template <class V> V log_probability(V const& x) const { return (x - top) - rest; }
};
/// The largest of at least one; any of those, where some are NaN.
template <Numeric N> N largest(std::span<N const> x) {
    return taken_together(x, x[0], []<class V>(V& most, V const& v) { most = select(most < v, v, most); });
}
template <Numeric N> Normaliser<N> normaliser(std::span<N const> x) {
    if (x.empty()) return {N(-infinite<N>), N(0)};
    N const top = largest(x);
    Total<N> const sum =
        summed<N>(std::ssize(x), [&](auto kind, Index j) { return xsimd::exp(load(kind, x.data() + j) - top); });
    return {top, static_cast<N>(xsimd::log(sum))};
}

/// to += scale * softmax(x), or, without a normaliser, scale * exp(x).
template <Numeric N> void add_exp(std::span<N> to, std::span<N const> x, Normaliser<N> const& n, N scale) {
    each_register<N>(std::ssize(x), [&](auto kind, Index j) {
        store(load(kind, to.data() + j) + scale * xsimd::exp(n.log_probability(load(kind, x.data() + j))),
              to.data() + j);
    });
}

}  // namespace unspool::core

namespace unspool {

using core::log_softmax, core::logsumexp, core::softmax;

}  // namespace unspool
