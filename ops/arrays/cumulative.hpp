// Sums and products of all elements so far, along one axis, and log Σ exp of them.
#pragma once
#include <unspool/autograd/call/about.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

struct CumulativeSum : Mapping<CumulativeSum> {
    static constexpr auto name = "cumsum";
    static constexpr About about{"y_i = Σ_{j ≤ i} x_j", "dx_j = Σ_{i ≥ j} g_i", "Var y = cumsum(x, 0);"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, std::span<N const> g) const;
};
Var cumsum(Argument x, Index axis, Where = Where::here());

struct CumulativeProduct : Mapping<CumulativeProduct> {
    static constexpr auto name = "cumprod";
    static constexpr About about{"y_i = Π_{j ≤ i} x_j", "dx_j = Σ_{i ≥ j} g_i y_i / x_j", "Var y = cumprod(x, 0);",
                                 "right where x has zeros"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N>
    void pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const;
};
Var cumprod(Argument x, Index axis, Where = Where::here());

/// In one pass, with the largest element so far taken out: nothing overflows, however large x is.
struct LogCumulativeSumExp : Mapping<LogCumulativeSumExp> {
    static constexpr auto name      = "logcumsumexp";
    static constexpr bool by_itself = true;
    static constexpr About about{"y_i = log Σ_{j ≤ i} exp(x_j)", "dx_j = Σ_{i ≥ j} g_i exp(x_j − y_i)",
                                 "Var y = logcumsumexp(x, 0);", "the derivative is 0 where y is −∞"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void map(std::span<T> y, std::span<T const> x) const;
    template <Real T>
    void pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const;
};
Var logcumsumexp(Argument x, Index axis, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::cumprod, core::cumsum, core::logcumsumexp;

}  // namespace unspool
