// What they compute, and how they pass adjoints on.
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

template <Numeric N> Total<N> dot(std::span<N const> a, std::span<N const> b) {
    return summed<N>(std::ssize(a),
                     [&](auto kind, Index j) { return load(kind, a.data() + j) * load(kind, b.data() + j); });
}

}  // namespace

template <Numeric N> void Softmax::map(std::span<N> y, std::span<N const> x) const {
    if (x.empty()) return;
    N const top = largest(x);
    N const sum = static_cast<N>(summed<N>(std::ssize(x), [&](auto kind, Index j) {
        auto const e = xsimd::exp(load(kind, x.data() + j) - top);
        store(e, y.data() + j);
        return e;
    }));
    std::transform(y.begin(), y.end(), y.begin(), [&](N const& v) { return v / sum; });
}
template <Numeric N> void Softmax::pull(std::span<N> dx, std::span<N const> g, std::span<N const> y) const {
    N const shared = static_cast<N>(dot(g, y));
    for (std::size_t j = 0; j < y.size(); ++j) dx[j] = y[j] * (g[j] - shared);
}

template <Numeric N> void LogSoftmax::map(std::span<N> y, std::span<N const> x) const {
    auto const n = normaliser(x);
    std::transform(x.begin(), x.end(), y.begin(), [&](N const& v) { return n.log_probability(v); });
}
template <Numeric N> void LogSoftmax::pull(std::span<N> dx, std::span<N const> g, std::span<N const> y) const {
    N const all =
        static_cast<N>(summed<N>(std::ssize(g), [&](auto kind, Index j) { return load(kind, g.data() + j); }));
    std::copy(g.begin(), g.end(), dx.begin());
    add_exp<N>(dx, y, {}, -all);
}

template <Numeric N> N LogSumExp::value(std::span<N const> x) const {
    auto const n = normaliser(x);
    if (in_all(xsimd::isfinite(n.rest))) return n.top + n.rest;
    N end = n.top;  // NaN where an element is
    for (N const& v : x) end = select(xsimd::isnan(v), v, end);
    return select(xsimd::isinf(n.top), end, n.top + n.rest);
}
template <Numeric N> void LogSumExp::pull(std::span<N> dx, N g, N y, std::span<N const> x) const {
    auto const n    = normaliser(x);
    auto const some = y != N(-infinite<N>);
    each_register<N>(std::ssize(x), [&](auto kind, Index j) {
        auto const d = g * xsimd::exp(n.log_probability(load(kind, x.data() + j)));
        store(select(some, d, decltype(kind)(0)), dx.data() + j);
    });
}

Var softmax(Argument x, Index axis, Where where) { return call_along<Softmax>(x, axis, where); }
Var log_softmax(Argument x, Index axis, Where where) { return call_along<LogSoftmax>(x, axis, where); }
Var logsumexp(Argument x, Axes const& axes, Reduced reduced, Where where) {
    return call_reducing<LogSumExp>(x, axes, reduced, where);
}

std::vector<Example> Softmax::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return softmax(x[0]); }},
            {"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return softmax(x[0]); }},
            {"the middle axis", {{2, 3, 4}}, [](Tape&, std::span<Var const> x) { return softmax(x[0], 1); }}};
}
std::vector<Example> LogSoftmax::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return log_softmax(x[0]); }},
            {"a batch", {{3, 19}}, [](Tape&, std::span<Var const> x) { return log_softmax(x[0]); }},
            {"the middle axis", {{2, 3, 4}}, [](Tape&, std::span<Var const> x) { return log_softmax(x[0], 1); }}};
}
std::vector<Example> LogSumExp::examples() {
    return {{"all", {{3, 7}}, [](Tape&, std::span<Var const> x) { return logsumexp(x[0]); }},
            {"the last axis", {{3, 19}}, [](Tape&, std::span<Var const> x) { return logsumexp(x[0], -1); }},
            {"two of three axes", {{3, 5, 2}}, [](Tape&, std::span<Var const> x) {
                 return logsumexp(x[0], Axes{0, 2}, Reduced::keep);
             }}};
}

Var Softmax::gradient(std::size_t, Var g, Var y, std::span<Var const>) const {
    return y * (g - sum(g * y, axes_of(along), Reduced::keep));
}
Var LogSoftmax::gradient(std::size_t, Var g, Var y, std::span<Var const>) const {
    return g - exp(y) * sum(g, axes_of(along), Reduced::keep);
}
Var LogSumExp::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    Var const all        = with_axes(y, x[0].shape(), along);
    double const nothing = -std::numeric_limits<double>::infinity();
    return with_axes(g, x[0].shape(), along) * where(equal(all, nothing), 0, exp(x[0] - all));
}

}  // namespace unspool::core
