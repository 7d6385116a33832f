// What the moments of lists are, without overflow on the way, and how they pass adjoints on.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unspool/ops/arrays/moments.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

/// The mean of x, times a unit, in two parts: as it is rounded, and the mean distance from that, so that nothing is lost to its size, and equal
/// numbers do not deviate.
template <Numeric N> struct Middle {
    N rough, shift;
    template <class V> V to(V const& x) const { return (x - rough) - shift; }
    auto usual() const { return xsimd::isfinite(rough) && xsimd::isfinite(shift); }
};
template <Numeric N> Middle<N> middle_of(std::span<N const> x, N unit) {
    auto const n = std::ssize(x);
    auto mean_of = [&](N from) {
        return static_cast<N>(summed<N>(n, [&](auto kind, Index j) { return load(kind, x.data() + j) * unit - from; }) /
                              total<N>(static_cast<double>(n)));
    };
    N const rough = mean_of(N(0));
    return {rough, mean_of(rough)};
}
/// Each list by itself, in a unit of its own, where a register of lists does not know a list's.
template <Numeric N, class F> N in_units(N const& value, auto const& usual, std::span<N const> x, F f) {
    if (in_all(usual)) return value;
    if constexpr (Real<N>) return f(x, unit_of(x));
    else return mended<1>({value}, usual, x, [&](auto list) { return std::array{f(list, unit_of(list))}; })[0];
}
template <Numeric N> N free_of(std::span<N const> x, Index correction) {
    return N(static_cast<Element<N>>(std::ssize(x) - correction));
}
/// For a list that has more elements than the correction.
template <Numeric N> Total<N> variance(std::span<N const> x, Index correction, N unit) {
    Middle<N> const middle = middle_of(x, unit);
    return summed<N>(std::ssize(x),
                     [&](auto kind, Index j) {
                         auto const from = middle.to(load(kind, x.data() + j) * unit);
                         return from * from;
                     }) /
           static_cast<Total<N>>(free_of(x, correction));
}
/// √variance, also where the variance itself would leave the range of numbers.
template <Numeric N> N deviation(std::span<N const> x, Index correction) {
    Total<N> const root = xsimd::sqrt(variance(x, correction, N(1)));
    auto const usual    = xsimd::isfinite(root) && root > total<N>(static_cast<double>(root_of_least<Element<N>>));
    return in_units(static_cast<N>(root), usual, x, [&]<Real T>(std::span<T const> list, T unit) {
        return static_cast<T>(std::sqrt(variance(list, correction, unit)) / static_cast<double>(unit));
    });
}
/// dx = scale (x - mean) / by
template <Numeric N> void write_deviations(std::span<N> dx, std::span<N const> x, N scale, N by) {
    Middle<N> middle = middle_of(x, N(1));
    middle.rough     = in_units(middle.rough, middle.usual(), x, []<Real T>(std::span<T const> list, T unit) {
        auto const own = middle_of(list, unit);
        return (own.rough + own.shift) / unit;
    });
    middle.shift     = select(middle.usual(), middle.shift, N(0));
    std::transform(x.begin(), x.end(), dx.begin(), [&](N const& v) { return scale * (middle.to(v) / by); });
}
template <Numeric N> N nan() { return N(std::numeric_limits<Element<N>>::quiet_NaN()); }

}  // namespace

template <Numeric N> N Variance::value(std::span<N const> x) const {
    if (std::ssize(x) <= correction) return nan<N>();
    N const value = static_cast<N>(variance(x, correction, N(1)));
    return in_units(value, xsimd::isfinite(value), x, [this]<Real T>(std::span<T const> list, T unit) {
        return static_cast<T>(variance(list, correction, unit) / static_cast<double>(unit) / static_cast<double>(unit));
    });
}
template <Numeric N> void Variance::pull(std::span<N> dx, N g, N, std::span<N const> x) const {
    write_deviations<N>(dx, x, N(2) * g / free_of(x, correction), N(1));
}

template <Numeric N> N Deviation::value(std::span<N const> x) const {
    return std::ssize(x) > correction ? deviation(x, correction) : nan<N>();
}
template <Numeric N> void Deviation::pull(std::span<N> dx, N g, N y, std::span<N const> x) const {
    auto const alike = y == N(0);
    write_deviations<N>(dx, x, select(alike, N(0), g / free_of(x, correction)), select(alike, N(1), y));
}

Var var(Argument x, Axes const& axes, Reduced reduced, Index correction, Where where) {
    return call_reducing<Variance>(x, axes, reduced, where, correction);
}
Var stddev(Argument x, Axes const& axes, Reduced reduced, Index correction, Where where) {
    return call_reducing<Deviation>(x, axes, reduced, where, correction);
}

namespace {

double freedom(Shape const& shape, AxisSet along, Index correction) {
    Index const n = count(shape), lists = count(reduced_shape(shape, along, Reduced::drop));
    return static_cast<double>((lists == 0 ? 0 : n / lists) - correction);
}

template <auto f> std::vector<Example> examples_of() {
    using Xs = std::span<Var const>;
    return {
        {"all", {{3, 7}}, [](Tape&, Xs x) { return f(x[0], {}, Reduced::drop, 1, Where::here()); }},
        {"the first axis", {{3, 5, 2}}, [](Tape&, Xs x) { return f(x[0], 0, Reduced::drop, 1, Where::here()); }},
        {"the last axis", {{3, 21}}, [](Tape&, Xs x) { return f(x[0], -1, Reduced::keep, 1, Where::here()); }},
        {"two of three axes",
         {{3, 5, 2}},
         [](Tape&, Xs x) {
             return f(x[0], {2, 0}, Reduced::drop, 1, Where::here());
         }},
        {"a term", {{3, 1}, {4}}, [](Tape&, Xs x) { return f(x[0] * exp(x[1]), 0, Reduced::drop, 1, Where::here()); }},
        {"another correction", {{4, 3}}, [](Tape&, Xs x) { return f(x[0], 0, Reduced::drop, 0, Where::here()); }},
        {"of nothing, at each of no places", {{0, 3}}, [](Tape&, Xs x) {
             return f(x[0], 1, Reduced::drop, 1, Where::here());
         }}};
}

}  // namespace

std::vector<Example> Variance::examples() { return examples_of<var>(); }
std::vector<Example> Deviation::examples() { return examples_of<stddev>(); }

Var Variance::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    Var const middle = mean(x[0], axes_of(along), Reduced::keep);
    return with_axes(g, x[0].shape(), along) * (x[0] - middle) * (2 / freedom(x[0].shape(), along, correction));
}
Var Deviation::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    Var const middle = mean(x[0], axes_of(along), Reduced::keep), s = with_axes(y, x[0].shape(), along);
    Var const unit = where(s > 0, (x[0] - middle) / s, 0);
    return with_axes(g, x[0].shape(), along) * unit / freedom(x[0].shape(), along, correction);
}

}  // namespace unspool::core
