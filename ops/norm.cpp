// What normalisation computes, and how it passes adjoints on.
#include <cmath>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/norm.hpp>
#include <unspool/ops/registers.hpp>

namespace unspool {

namespace {

/// The mean of f(kind, j).
template <Real T, class F> double mean_of(Index n, F f) { return summed<T>(n, f) / static_cast<double>(n); }

template <Real T> T mean_of(std::span<T const> x) {
    return static_cast<T>(mean_of<T>(std::ssize(x), [&](auto kind, Index j) { return load(kind, x.data() + j); }));
}
template <Real T> T mean_of_product(std::span<T const> a, std::span<T const> b) {
    return static_cast<T>(
        mean_of<T>(std::ssize(a), [&](auto kind, Index j) { return load(kind, a.data() + j) * load(kind, b.data() + j); }));
}

/// 1 / √(mean (x - m)² + ε)
template <Real T> T scale_of(std::span<T const> x, T m, double eps) {
    return static_cast<T>(1 / std::sqrt(eps + mean_of<T>(std::ssize(x), [&](auto kind, Index j) {
                                            auto const d = load(kind, x.data() + j) - m;
                                            return d * d;
                                        })));
}

}  // namespace

template <Real T> void LayerNormalise::map(std::span<T> y, std::span<T const> x) const {
    T const m = mean_of(x), scale = scale_of(x, m, eps);
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = (x[j] - m) * scale;
}
template <Real T> void LayerNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    T const scale = scale_of(x, mean_of(x), eps), shift = mean_of(g), common = mean_of_product(g, y);
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = (g[j] - shift - y[j] * common) * scale;
}

template <Real T> void RmsNormalise::map(std::span<T> y, std::span<T const> x) const {
    T const scale = scale_of(x, T(0), eps);
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = x[j] * scale;
}
template <Real T> void RmsNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    T const scale = scale_of(x, T(0), eps), common = mean_of_product(g, y);
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = (g[j] - y[j] * common) * scale;
}

Var layer_norm(Argument x, Axes const& axes, double eps, Where where) { return call_along<LayerNormalise>(x, axes, where, eps); }
Var rms_norm(Argument x, Axes const& axes, double eps, Where where) { return call_along<RmsNormalise>(x, axes, where, eps); }

std::vector<Example> LayerNormalise::examples() {
    return {
        {"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return layer_norm(x[0]); }},
        {"two axes",
         {{2, 3, 5}},
         [](Tape&, std::span<Var const> x) {
             return layer_norm(x[0], {0, 2}, 0.1);
         }},
        {"with gain and bias", {{3, 6}, {6}, {6}}, [](Tape&, std::span<Var const> x) -> Var { return x[1] * layer_norm(x[0]) + x[2]; }}};
}
std::vector<Example> RmsNormalise::examples() {
    return {{"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return rms_norm(x[0]); }},
            {"the first axis", {{5, 3}}, [](Tape&, std::span<Var const> x) { return rms_norm(x[0], 0, 0.1); }}};
}

}  // namespace unspool
