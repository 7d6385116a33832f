// Normalisation: each list of numbers along some axes gets a mean of 0 and a variance of 1, or a mean square of 1.  What
// scales and shifts the result is a term: `gain * layer_norm(x) + bias`.
#pragma once
#include <unspool/autograd/call/about.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

/// Ba, Kiros and Hinton, "Layer normalization" (2016).
struct LayerNormalise : Mapping<LayerNormalise> {
    double eps;

    static constexpr auto name = "layer_norm";
    static constexpr About about{"(x − m) / s, with m = mean x, s = √(mean (x − m)² + ε)",
                                 "dx = (g − mean g − y mean(g ⊙ y)) / s", "Var y = a * layer_norm(x) + b;",
                                 "along the last axis, or others"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N>
    void pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const;
};
Var layer_norm(Argument x, Axes const& = -1, double eps = 1e-5, Where = Where::here());

/// Zhang and Sennrich, "Root mean square layer normalization" (2019).
struct RmsNormalise : Mapping<RmsNormalise> {
    double eps;

    static constexpr auto name = "rms_norm";
    static constexpr About about{"x / s, with s = √(mean x² + ε)", "dx = (g − y mean(g ⊙ y)) / s",
                                 "Var y = a * rms_norm(x);", "along the last axis, or others"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> void map(std::span<N> y, std::span<N const> x) const;
    template <Numeric N>
    void pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const;
};
Var rms_norm(Argument x, Axes const& = -1, double eps = 1e-5, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::layer_norm, core::rms_norm;

}  // namespace unspool
