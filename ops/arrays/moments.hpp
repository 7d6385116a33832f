// How far numbers are from their mean.
#pragma once
#include <unspool/ops/arrays/reduce.hpp>

namespace unspool::core {

/// Σ (x - mean)² / (n - correction).
struct Variance : Reducing<Variance> {
    Index correction;

    static constexpr auto name = "var";
    static constexpr About about{"Σ (x − mean x)² / (n − correction), where the correction is 1",
                                 "2 (x − mean x) / (n − correction)", "Var y = var(x, 0, Reduced::keep);",
                                 "NaN unless n exceeds the correction"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var var(Argument x, Axes const& = {}, Reduced = Reduced::drop, Index correction = 1, Where = Where::here());

struct Deviation : Reducing<Deviation> {
    Index correction;

    static constexpr auto name = "stddev";
    static constexpr About about{"√var(x)", "(x − mean x) / (n − correction) / y", "Var y = stddev(x);",
                                 "NaN unless n exceeds the correction", "where all numbers are equal: 0"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var stddev(Argument x, Axes const& = {}, Reduced = Reduced::drop, Index correction = 1, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::stddev, core::var;

}  // namespace unspool
