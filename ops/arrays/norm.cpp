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

/// What makes y of a list x: y = (x unit − rough − shift) scale.  The mean is in two parts, so that nothing is lost to its size, and
/// the unit is 1 unless squares of x would leave the range of numbers.
template <Real T> struct Moments {
    T rough = 0, shift = 0, scale = 1, unit = 1;
    T operator()(T x) const { return ((x * unit - rough) - shift) * scale; }
    bool usual() const { return std::isfinite(rough) && scale > T(0) && scale < T(1) / root_of_least<T>; }
};

/// In one pass over the distances from the mean as it was rounded; their mean mends it.
template <Real T> Moments<T> centred(std::span<T const> x, double eps, T unit) {
    Index const n       = std::ssize(x);
    auto const at       = [&](auto kind, Index j) { return load(kind, x.data() + j) * unit; };
    T const rough       = static_cast<T>(mean_of<T>(n, at));
    auto const from     = [&](auto kind, Index j) { return at(kind, j) - rough; };
    double const shift  = mean_of<T>(n, from);
    double const spread = mean_of<T>(n, [&](auto kind, Index j) { return from(kind, j) * from(kind, j); });
    double const by     = static_cast<double>(unit);
    return {rough, static_cast<T>(shift),
            static_cast<T>(1 / std::sqrt(std::max(spread - shift * shift, 0.0) + eps * by * by)), unit};
}
template <Real T> Moments<T> uncentred(std::span<T const> x, double eps, T unit) {
    double const square = mean_of<T>(std::ssize(x), [&](auto kind, Index j) {
        return load(kind, x.data() + j) * unit * (load(kind, x.data() + j) * unit);
    });
    double const by     = static_cast<double>(unit);
    return {0, 0, static_cast<T>(1 / std::sqrt(square + eps * by * by)), unit};
}
template <Real T>
Moments<T> moments(std::span<T const> x, double eps, Moments<T> (*of)(std::span<T const>, double, T)) {
    Moments<T> const m = of(x, eps, T(1));
    return m.usual() ? m : of(x, eps, unit_of(x));
}
/// The adjoint of x, in which the mean of the adjoints counts where x was centred.
template <Real T>
void pull_back(std::span<T> dx, std::span<T const> g, std::span<T const> y, Moments<T> const& m, T shift) {
    T const common = mean_of_product(g, y), scale = m.scale * m.unit;
    for (std::size_t j = 0; j < g.size(); ++j) dx[j] = (g[j] - shift - y[j] * common) * scale;
}

}  // namespace

template <Real T> void LayerNormalise::map(std::span<T> y, std::span<T const> x) const {
    std::transform(x.begin(), x.end(), y.begin(), moments<T>(x, eps, centred));
}
template <Real T>
void LayerNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    pull_back(dx, g, y, moments<T>(x, eps, centred), mean_of(g));
}

template <Real T> void RmsNormalise::map(std::span<T> y, std::span<T const> x) const {
    std::transform(x.begin(), x.end(), y.begin(), moments<T>(x, eps, uncentred));
}
template <Real T>
void RmsNormalise::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    pull_back(dx, g, y, moments<T>(x, eps, uncentred), T(0));
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
