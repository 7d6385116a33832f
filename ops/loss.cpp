// Log-probabilities and the losses made of them.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/ops/layout.hpp>
#include <unspool/ops/loss.hpp>
#include <xsimd/xsimd.hpp>

namespace unspool {

namespace {

/// Row i of the last axis.  The operands were made contiguous.
template <class T> T*    row(Array<T> const& a, Index i) { return a.data + i * a.shape.back(); }
template <class T> Index rows(Array<T> const& a) { return a.shape.back() == 0 ? 0 : count(a.shape) / a.shape.back(); }

/// Calls `f(x, j)` with registers of x from j on, and at the end with one element of them at a time.
template <Real T, class F> void each_register(Index n, F f) {
    constexpr Index width = static_cast<Index>(xsimd::batch<T>::size);
    Index           j     = 0;
    for (; j + width <= n; j += width) f(xsimd::batch<T>{}, j);
    for (; j < n; ++j) f(T{}, j);
}
template <Real T> xsimd::batch<T> load(xsimd::batch<T>, T const* p) { return xsimd::batch<T>::load_unaligned(p); }
template <Real T> T               load(T, T const* p) { return *p; }
template <Real T> void            store(xsimd::batch<T> const& v, T* p) { v.store_unaligned(p); }
template <Real T> void            store(T v, T* p) { *p = v; }
template <Real T> T               total(xsimd::batch<T> const& v) { return xsimd::hadd(v); }
template <Real T> T               total(T v) { return v; }

/// log(sum(exp(x))) as top + rest, with the largest taken out so that nothing overflows, and kept apart so that nothing
/// is lost to its size.  NaN where x has one.
template <Real T> struct LogSumExp {
    T top = 0, rest = 0;

    /// x - log(sum(exp(x)))
    template <class V> V normalised(V const& x) const { return (x - top) - rest; }
};
template <Real T> LogSumExp<T> log_sum_exp(T const* x, Index n) {
    using std::exp, xsimd::exp;
    T const top = *std::max_element(x, x + n);
    if (std::isinf(top)) return {top, 0};
    T sum = 0;
    each_register<T>(n, [&](auto kind, Index j) { sum += total(exp(load(kind, x + j) - top)); });
    return {top, std::log(sum)};
}

/// to += scale * softmax(x), or, without a sum, scale * exp(x).
template <Real T> void add_exp(T* to, T const* x, Index n, LogSumExp<T> const& sum, T scale) {
    using std::exp, xsimd::exp;
    each_register<T>(n, [&](auto kind, Index j) { store(load(kind, to + j) + scale * exp(sum.normalised(load(kind, x + j))), to + j); });
}

}  // namespace

template <Real T> void LogSoftmax::f(Array<T> y, Array<T const> x) const {
    Index const c = x.shape.back();
    for (Index i = 0; i < rows(x); ++i) {
        LogSumExp<T> const sum = log_sum_exp(row(x, i), c);
        std::transform(row(x, i), row(x, i) + c, row(y, i), [&](T v) { return sum.normalised(v); });
    }
}

template <Real T> void LogSoftmax::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y) {
    Index const c = y.shape.back();
    for (Index i = 0; i < rows(y); ++i) {
        T sum = 0;
        for (Index j = 0; j < c; ++j) sum += row(g, i)[j];
        for (Index j = 0; j < c; ++j) row(dx, i)[j] += row(g, i)[j];
        add_exp(row(dx, i), row(y, i), c, {}, -sum);
    }
}

Shape CrossEntropy::result(std::span<Window const* const>) const { return over == Over::none ? targets.shape : Shape{}; }

template <Real T> void CrossEntropy::f(Array<T> y, Array<T const> x) const {
    double sum = 0;
    for (Index i = 0; i < static_cast<Index>(targets.numbers.size()); ++i) {
        Index const target = targets.numbers[static_cast<std::size_t>(i)];
        T const     loss   = target == ignored ? T(0) : -log_sum_exp(row(x, i), x.shape.back()).normalised(row(x, i)[target]);
        sum += static_cast<double>(loss);
        if (over == Over::none) y.data[i] = loss;
    }
    if (over != Over::none) *y.data = static_cast<T>(over == Over::mean ? sum / static_cast<double>(counted) : sum);
}

template <Real T> void CrossEntropy::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const {
    T const share = over == Over::mean ? T(1) / static_cast<T>(counted) : T(1);
    for (Index i = 0; i < rows(x); ++i) {
        Index const target = targets.numbers[static_cast<std::size_t>(i)];
        if (target == ignored) continue;
        T const scale = share * g.data[over == Over::none ? i : 0];
        add_exp(row(dx, i), row(x, i), x.shape.back(), log_sum_exp(row(x, i), x.shape.back()), scale);
        row(dx, i)[target] -= scale;
    }
}

Var log_softmax(Var x, Where where) { return call(LogSoftmax{}, where, contiguous(x, where)); }

namespace {

void require_targets(Var const& logits, Indices const& targets, Index ignored, Where where) {
    Shape expected = logits.shape();
    if (expected.empty()) return;  // the signature will refuse it
    Index const classes = expected.back();
    expected.pop_back();
    if (!(targets.shape == expected))
        throw ShapeError(describe(where, "cross_entropy",
                                  fmt::format("the targets have the shape {} where {} was expected", text(targets.shape), text(expected)),
                                  "one target for each index of the axes before the last",
                                  std::array{Shown{label(logits), logits.shape()}, Shown{"targets", targets.shape}}));
    for (std::size_t i = 0; i < targets.numbers.size(); ++i)
        if (Index const t = targets.numbers[i]; t != ignored && (t < 0 || t >= classes))
            throw IndexError(describe(where, "cross_entropy",
                                      fmt::format("target {}, at place {}, is not one of {} classes", t, i, classes), "",
                                      std::array{Shown{label(logits), logits.shape()}}));
}

}  // namespace

Var cross_entropy(Var logits, Indices const& targets, Over over, Index ignored, Where where) {
    require_targets(logits, targets, ignored, where);
    Index const counted = static_cast<Index>(targets.numbers.size()) - std::count(targets.numbers.begin(), targets.numbers.end(), ignored);
    return call(CrossEntropy{targets, over, ignored, counted}, where, contiguous(logits, where));
}

std::vector<Example> LogSoftmax::examples() {
    auto const f = [](Tape&, std::span<Var const> x) { return log_softmax(x[0]); };
    return {{"a vector", {{7}}, f}, {"a batch", {{3, 19}}, f}, {"a sequence", {{2, 3, 4}}, f}};
}

std::vector<Example> CrossEntropy::examples() {
    return {{"mean",
             {{3, 19}},
             [](Tape&, std::span<Var const> x) {
                 return cross_entropy(x[0], std::array{18, 0, 7});
             }},
            {"sum",
             {{3, 5}},
             [](Tape&, std::span<Var const> x) {
                 return cross_entropy(x[0], std::array{4, 0, 4}, Over::sum);
             }},
            {"none",
             {{3, 5}},
             [](Tape&, std::span<Var const> x) {
                 return cross_entropy(x[0], std::array{4, 0, 1}, Over::none);
             }},
            {"some ignored",
             {{4, 3}},
             [](Tape&, std::span<Var const> x) {
                 return cross_entropy(x[0], std::array{2, -1, 0, -1}, Over::mean, -1);
             }},
            {"two axes", {{2, 3, 4}}, [](Tape&, std::span<Var const> x) {
                 return cross_entropy(x[0], xt::xarray<int>{{0, 3, 1}, {2, -100, 3}}, Over::none);
             }}};
}

}  // namespace unspool
