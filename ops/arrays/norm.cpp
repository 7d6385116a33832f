// What normalisation computes, and how it passes adjoints on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

/// The mean of f(kind, j).
template <Numeric N, class F> Total<N> mean_of(Index n, F f) {
    if constexpr (Real<N>) return summed<N>(n, f) / static_cast<double>(n);
    else return summed<N>(n, f) * total<N>(1 / static_cast<double>(n));
}

template <Numeric N> N mean_of(std::span<N const> x) {
    return static_cast<N>(mean_of<N>(std::ssize(x), [&](auto kind, Index j) { return load(kind, x.data() + j); }));
}
template <Numeric N> N mean_of_product(std::span<N const> a, std::span<N const> b) {
    return static_cast<N>(mean_of<N>(
        std::ssize(a), [&](auto kind, Index j) { return load(kind, a.data() + j) * load(kind, b.data() + j); }));
}

/// What makes y of a list x: y = (x unit − rough − shift) scale.  The mean is in two parts, so that nothing is lost to its size, and
/// the unit is 1 unless squares of x would leave the range of numbers.
template <Numeric N> struct Moments {
    N rough = N(0), shift = N(0), scale = N(1), unit = N(1);
    N operator()(N const& x) const { return ((x * unit - rough) - shift) * scale; }
    auto usual() const { return xsimd::isfinite(rough) && scale > N(0) && scale < N(1 / root_of_least<Element<N>>); }
};

template <Numeric N> N scale_of(Total<N> const& square) { return static_cast<N>(total<N>(1) / xsimd::sqrt(square)); }

/// In one pass over the distances from the mean as it was rounded; their mean mends it.
constexpr auto centred = []<Numeric N>(std::span<N const> x, double eps, N unit) -> Moments<N> {
    Index const n         = std::ssize(x);
    auto const at         = [&](auto kind, Index j) { return load(kind, x.data() + j) * unit; };
    N const rough         = static_cast<N>(mean_of<N>(n, at));
    auto const from       = [&](auto kind, Index j) { return at(kind, j) - rough; };
    Total<N> const shift  = mean_of<N>(n, from);
    Total<N> const spread = mean_of<N>(n, [&](auto kind, Index j) { return from(kind, j) * from(kind, j); });
    Total<N> const by = static_cast<Total<N>>(unit), apart = spread - shift * shift, none(0);
    // What is infinite, or infinite less infinite, stays so, and is seen to be unusual.
    return {rough, static_cast<N>(shift), scale_of<N>(select(apart < none, none, apart) + total<N>(eps) * by * by),
            unit};
};
constexpr auto uncentred = []<Numeric N>(std::span<N const> x, double eps, N unit) -> Moments<N> {
    Total<N> const square = mean_of<N>(std::ssize(x), [&](auto kind, Index j) {
        return load(kind, x.data() + j) * unit * (load(kind, x.data() + j) * unit);
    });
    Total<N> const by     = static_cast<Total<N>>(unit);
    return {N(0), N(0), scale_of<N>(square + total<N>(eps) * by * by), unit};
};
template <class Of, Numeric N> Moments<N> moments(std::span<N const> x, double eps, Of of) {
    Moments<N> m = of(x, eps, N(1));
    if (in_all(m.usual())) return m;
    if constexpr (Real<N>) m = of(x, eps, unit_of(x));
    else {
        auto const own = [&](auto list) {
            auto const in_units = of(list, eps, unit_of(list));
            return std::array{in_units.rough, in_units.shift, in_units.scale, in_units.unit};
        };
        auto const [rough, shift, scale, unit] = mended<4>({m.rough, m.shift, m.scale, m.unit}, m.usual(), x, own);
        m                                      = {rough, shift, scale, unit};
    }
    return m;
}
template <Numeric N> void normalise(std::span<N> y, std::span<N const> x, Moments<N> const& m) {
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = m(x[j]);
}
/// The adjoint of x, in which the mean of the adjoints counts where x was centred.
template <Numeric N>
void pull_back(std::span<N> dx, std::span<N const> g, std::span<N const> y, Moments<N> const& m, N shift) {
    N const common = mean_of_product(g, y), scale = m.scale * m.unit;
    for (std::size_t j = 0; j < g.size(); ++j) dx[j] = (g[j] - shift - y[j] * common) * scale;
}

}  // namespace

template <Numeric N> void LayerNormalise::map(std::span<N> y, std::span<N const> x) const {
    normalise(y, x, moments(x, eps, centred));
}
template <Numeric N>
void LayerNormalise::pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const {
    pull_back(dx, g, y, moments(x, eps, centred), mean_of(g));
}

template <Numeric N> void RmsNormalise::map(std::span<N> y, std::span<N const> x) const {
    normalise(y, x, moments(x, eps, uncentred));
}
template <Numeric N>
void RmsNormalise::pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const {
    pull_back(dx, g, y, moments(x, eps, uncentred), N(0));
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

namespace {

/// 1 / √(mean d² + ε).  Where squares would leave the range of numbers, d is in units of its largest, which nothing passes through: the
/// result does not depend on them.
Var inverse_root_mean_square(Var d, Axes const& axes, double eps) {
    Var const largest        = max(abs(d), axes, Reduced::keep);
    double const least       = eps > 0 ? 1e18 : d.dtype() == float32 ? 1e-36 : 1e-300;
    Var const unit           = Var(where(largest > least, reciprocal(largest), 1)).detach();
    Var const square_in_unit = mean(square(d * unit), axes, Reduced::keep);
    return eps > 0 ? Var(unit * rsqrt(square_in_unit + eps * square(unit))) : Var(unit * rsqrt(square_in_unit));
}

bool is_empty(Var const& x) { return count(x.shape()) == 0; }

}  // namespace

Var LayerNormalise::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    if (is_empty(x[0])) return g;
    Axes const axes    = axes_of(along);
    auto const mean_of = [&](auto const& v) { return mean(v, axes, Reduced::keep); };
    Var const scale    = inverse_root_mean_square(x[0] - mean_of(x[0]), axes, eps);
    return (g - mean_of(g) - y * mean_of(g * y)) * scale;
}
Var RmsNormalise::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    if (is_empty(x[0])) return g;
    Axes const axes = axes_of(along);
    return (g - y * mean(g * y, axes, Reduced::keep)) * inverse_root_mean_square(x[0], axes, eps);
}

}  // namespace unspool::core
