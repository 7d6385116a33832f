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
    template <Real T> void map(std::span<T> y, std::span<T const> x) const;
    template <Real T>
    void pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const;
};
Var softmax(Argument x, Index axis = -1, Where = Where::here());

struct LogSoftmax : Mapping<LogSoftmax> {
    static constexpr auto name = "log_softmax";
    static constexpr About about{"x − log Σ exp(x)", "dx = g − softmax(x) Σ g", "Var y = log_softmax(x);",
                                 "where softmax is NaN, so is it"};
    static std::vector<Example> examples();
    template <Real T> void map(std::span<T> y, std::span<T const> x) const;
    template <Real T>
    void pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const;
};
Var log_softmax(Argument x, Index axis = -1, Where = Where::here());

struct LogSumExp : Reducing<LogSumExp> {
    static constexpr auto name = "logsumexp";
    static constexpr About about{"log Σ exp(x)", "softmax(x)", "Var y = logsumexp(x, -1);",
                                 "−∞ of no elements; the derivative is 0 where y is −∞"};
    static std::vector<Example> examples();
    template <Real T> T value(std::span<T const> x) const;
    template <Real T> void pull(std::span<T> dx, T g, T y, std::span<T const> x) const;
};
Var logsumexp(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

// ---- for losses that are made of them -------------------------------------------------------------------------------

/// log(sum(exp(x))) as top + rest, with the largest taken out so that nothing overflows, and kept apart so that nothing
/// is lost to its size.  The rest is NaN where x has one, and where the largest is infinite.
template <Real T> struct Normaliser {
    T top = 0, rest = 0;

    /// x - log(sum(exp(x)))
    template <class V> V log_probability(V const& x) const { return (x - top) - rest; }
};
template <Real T> Normaliser<T> normaliser(std::span<T const> x) {
    using std::exp, xsimd::exp;
    if (x.empty()) return {-std::numeric_limits<T>::infinity(), 0};
    T const top = *std::max_element(x.begin(), x.end());
    double const sum =
        summed<T>(std::ssize(x), [&](auto kind, Index j) { return exp(load(kind, x.data() + j) - top); });
    return {top, static_cast<T>(std::log(sum))};
}

/// to += scale * softmax(x), or, without a normaliser, scale * exp(x).
template <Real T> void add_exp(std::span<T> to, std::span<T const> x, Normaliser<T> const& n, T scale) {
    using std::exp, xsimd::exp;
    each_register<T>(std::ssize(x), [&](auto kind, Index j) {
        store(load(kind, to.data() + j) + scale * exp(n.log_probability(load(kind, x.data() + j))), to.data() + j);
    });
}

}  // namespace unspool::core

namespace unspool {

using core::log_softmax, core::logsumexp, core::softmax;

}  // namespace unspool
