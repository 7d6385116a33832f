// What they compute, and how they pass adjoints on.
#include <cmath>
#include <limits>
#include <numeric>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

// In double where there may be thousands.
template <Numeric N> void CumulativeSum::map(std::span<N> y, std::span<N const> x) const {
    Total<N> sum(0);
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = static_cast<N>(sum += static_cast<Total<N>>(x[j]));
}
template <Numeric N> void CumulativeSum::pull(std::span<N> dx, std::span<N const> g) const {
    Total<N> sum(0);
    for (std::size_t j = g.size(); j-- > 0;) dx[j] = static_cast<N>(sum += static_cast<Total<N>>(g[j]));
}

template <Numeric N> void CumulativeProduct::map(std::span<N> y, std::span<N const> x) const {
    std::partial_sum(x.begin(), x.end(), y.begin(), std::multiplies<>());
}
// s_j = g_j + x_{j+1} s_{j+1} collects what reaches y_j; nothing is divided by.
template <Numeric N>
void CumulativeProduct::pull(std::span<N> dx, std::span<N const> g, std::span<N const> y, std::span<N const> x) const {
    N s(0);
    for (std::size_t j = g.size(); j-- > 0;) {
        s     = g[j] + (j + 1 < x.size() ? x[j + 1] * s : N(0));
        dx[j] = s * (j > 0 ? y[j - 1] : N(1));
    }
}

namespace {

/// Calls `f(j, normaliser)` with that of the elements up to each, for one after another.
template <Real T, class F> void each_normaliser(std::span<T const> x, F f) {
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
        double const v = static_cast<double>(x[j]);
        if (v > top) sum = sum * std::exp(top - v) + 1, top = v;
        else if (std::isfinite(top) || std::isnan(v)) sum += std::exp(v - top);
        f(j, Normaliser<double>{top, sum == 0 ? 0 : std::log(sum)});
    }
}

}  // namespace

template <Real T> void LogCumulativeSumExp::map(std::span<T> y, std::span<T const> x) const {
    each_normaliser(x, [&](std::size_t j, auto const& n) { y[j] = static_cast<T>(n.top + n.rest); });
}
// r_j = g_j + exp(y_j - y_{j+1}) r_{j+1} collects what reaches y_j; no exponent is above 0.
template <Real T>
void LogCumulativeSumExp::pull(std::span<T> dx, std::span<T const> g, std::span<T const>, std::span<T const> x) const {
    thread_local std::vector<Normaliser<double>> memory;  // not y, which has lost what is small beside the largest
    memory.resize(x.size());
    each_normaliser(x, [&](std::size_t j, auto const& n) { memory[j] = n; });
    double r = 0;
    for (std::size_t j = g.size(); j-- > 0;) {
        Normaliser<double> const& n = memory[j];
        bool const reached =
            n.top != -std::numeric_limits<double>::infinity() || n.rest != 0;  // else nor was one before
        if (reached && j + 1 < g.size()) r *= std::exp(memory[j + 1].log_probability(n.top) + n.rest);
        r     = reached ? r + static_cast<double>(g[j]) : 0;
        dx[j] = reached ? static_cast<T>(r * std::exp(n.log_probability(static_cast<double>(x[j])))) : T(0);
    }
}

Var cumsum(Argument x, Index axis, Where where) { return call_along<CumulativeSum>(x, axis, where); }
Var cumprod(Argument x, Index axis, Where where) { return call_along<CumulativeProduct>(x, axis, where); }
Var logcumsumexp(Argument x, Index axis, Where where) { return call_along<LogCumulativeSumExp>(x, axis, where); }

std::vector<Example> CumulativeSum::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return cumsum(x[0], 0); }},
            {"the middle axis", {{2, 5, 3}}, [](Tape&, std::span<Var const> x) { return cumsum(x[0], 1); }}};
}
std::vector<Example> CumulativeProduct::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return cumprod(x[0], 0); }},
            {"the middle axis", {{2, 5, 3}}, [](Tape&, std::span<Var const> x) { return cumprod(x[0], -2); }}};
}
std::vector<Example> LogCumulativeSumExp::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return logcumsumexp(x[0], 0); }},
            {"the middle axis", {{2, 5, 3}}, [](Tape&, std::span<Var const> x) { return logcumsumexp(x[0], 1); }}};
}

namespace {

/// The axis of a set of one.
Index axis_of(AxisSet along) { return std::countr_zero(along.bits); }
/// Each element's predecessor; of the first, a number.
Var before(Var x, Index axis, double first) { return pad(slice(x, axis, 0, x.size(axis) - 1), axis, 1, 0, first); }
/// s_i = g_i + a_{i+1} s_{i+1} along an axis.
Var summed_backwards(Var a, Var g, Index axis) {
    Dims order;
    for (Index i = 0; i < static_cast<Index>(a.shape().rank()); ++i) order.push_back(i);
    std::swap(order[0], order[static_cast<std::size_t>(axis)]);
    return transpose(backward_recurrence(transpose(a, order), transpose(g, order)), order);
}

}  // namespace

Var CumulativeSum::gradient(std::size_t, Var g, Var, std::span<Var const>) const {
    return flip(cumsum(flip(g, axis_of(along)), axis_of(along)), axis_of(along));
}
Var CumulativeProduct::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    if (count(y.shape()) == 0) return g;
    return summed_backwards(x[0], g, axis_of(along)) * before(y, axis_of(along), 1);
}
Var LogCumulativeSumExp::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    if (count(y.shape()) == 0) return g;
    constexpr double nothing = -std::numeric_limits<double>::infinity();
    Var const kept           = where(equal(y, nothing), 0, exp(before(y, axis_of(along), nothing) - y));
    return summed_backwards(kept, g, axis_of(along)) * where(equal(y, nothing), 0, exp(x[0] - y));
}

}  // namespace unspool::core
