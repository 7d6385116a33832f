// What normalisation computes, and how it passes adjoints on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

/// The mean of f(kind, j).
template <Real T, class F> double mean_of(Index n, F f) { return summed<T>(n, f) / static_cast<double>(n); }

template <Real T> T mean_of(std::span<T const> x) {
    return static_cast<T>(mean_of<T>(std::ssize(x), [&](auto kind, Index j) { return load(kind, x.data() + j); }));
}
template <Real T> T mean_of_product(std::span<T const> a, std::span<T const> b) {
    return static_cast<T>(mean_of<T>(
        std::ssize(a), [&](auto kind, Index j) { return load(kind, a.data() + j) * load(kind, b.data() + j); }));
}

/// What centres a list, and what scales it then: 1 / √(variance + ε).
template <Real T> struct Moments { T mean, scale; };

/// In one pass over the distances from the mean as it was rounded; their mean mends it.
template <Real T> Moments<T> moments(std::span<T const> x, double eps) {
    T const rough       = mean_of(x);
    auto const from     = [&](auto kind, Index j) { return load(kind, x.data() + j) - rough; };
    double const shift  = mean_of<T>(std::ssize(x), from);
    double const spread = mean_of<T>(std::ssize(x), [&](auto kind, Index j) { return from(kind, j) * from(kind, j); });
    return {static_cast<T>(static_cast<double>(rough) + shift),
            static_cast<T>(1 / std::sqrt(std::max(spread - shift * shift, 0.0) + eps))};
}
template <Real T> T root_scale(std::span<T const> x, double eps) {
    return static_cast<T>(1 / std::sqrt(static_cast<double>(mean_of_product(x, x)) + eps));
}

}  // namespace

template <Real T> void LayerNormalise::map(std::span<T> y, std::span<T const> x) const {
    auto const [m, scale] = moments(x, eps);
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = (x[j] - m) * scale;
}
template <Real T>
void LayerNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    T const scale = moments(x, eps).scale, shift = mean_of(g), common = mean_of_product(g, y);
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = (g[j] - shift - y[j] * common) * scale;
}

template <Real T> void RmsNormalise::map(std::span<T> y, std::span<T const> x) const {
    T const scale = root_scale(x, eps);
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = x[j] * scale;
}
template <Real T>
void RmsNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    T const scale = root_scale(x, eps), common = mean_of_product(g, y);
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = (g[j] - y[j] * common) * scale;
}

namespace {

void require_eps(double eps, std::string_view op, Where where) {
    if (!(eps >= 0))
        throw ValueError(describe(where, op, fmt::format("eps is {}, and must be at least 0", eps), "", {}));
}

}  // namespace

Var layer_norm(Argument x, Axes const& axes, double eps, Where where) {
    require_eps(eps, LayerNormalise::name, where);
    return call_along<LayerNormalise>(x, axes, where, eps);
}
Var rms_norm(Argument x, Axes const& axes, double eps, Where where) {
    require_eps(eps, RmsNormalise::name, where);
    return call_along<RmsNormalise>(x, axes, where, eps);
}

std::vector<Example> LayerNormalise::examples() {
    return {{"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return layer_norm(x[0]); }},
            {"two axes",
             {{2, 3, 5}},
             [](Tape&, std::span<Var const> x) {
                 return layer_norm(x[0], {0, 2}, 0.1);
             }},
            {"with gain and bias", {{3, 6}, {6}, {6}}, [](Tape&, std::span<Var const> x) -> Var {
                 return x[1] * layer_norm(x[0]) + x[2];
             }}};
}
std::vector<Example> RmsNormalise::examples() {
    return {{"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return rms_norm(x[0]); }},
            {"the first axis", {{5, 3}}, [](Tape&, std::span<Var const> x) { return rms_norm(x[0], 0, 0.1); }}};
}

}  // namespace unspool::core
