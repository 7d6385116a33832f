// What they compute, and how they pass adjoints on.
#include <unspool/ops/arrays/softmax.hpp>

namespace unspool::core {

namespace {

template <Real T> double dot(std::span<T const> a, std::span<T const> b) {
    return summed<T>(std::ssize(a),
                     [&](auto kind, Index j) { return load(kind, a.data() + j) * load(kind, b.data() + j); });
}

}  // namespace

template <Real T> void Softmax::map(std::span<T> y, std::span<T const> x) const {
    using std::exp, xsimd::exp;
    if (x.empty()) return;
    T const top = *std::max_element(x.begin(), x.end());
    T const sum = static_cast<T>(summed<T>(std::ssize(x), [&](auto kind, Index j) {
        auto const e = exp(load(kind, x.data() + j) - top);
        store(e, y.data() + j);
        return e;
    }));
    std::transform(y.begin(), y.end(), y.begin(), [&](T v) { return v / sum; });
}
template <Real T>
void Softmax::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const>) const {
    T const shared = static_cast<T>(dot(g, y));
    for (std::size_t j = 0; j < y.size(); ++j) dx[j] = y[j] * (g[j] - shared);
}

template <Real T> void LogSoftmax::map(std::span<T> y, std::span<T const> x) const {
    auto const n = normaliser(x);
    std::transform(x.begin(), x.end(), y.begin(), [&](T v) { return n.log_probability(v); });
}
template <Real T>
void LogSoftmax::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const>) const {
    T const total =
        static_cast<T>(summed<T>(std::ssize(g), [&](auto kind, Index j) { return load(kind, g.data() + j); }));
    std::copy(g.begin(), g.end(), dx.begin());
    add_exp<T>(dx, y, {}, -total);
}

template <Real T> T LogSumExp::value(std::span<T const> x) const {
    auto const n    = normaliser(x);
    bool const ends = std::isinf(n.top) && std::none_of(x.begin(), x.end(), [](T v) { return std::isnan(v); });
    return ends ? n.top : n.top + n.rest;
}
template <Real T> void LogSumExp::pull(std::span<T> dx, T g, T y, std::span<T const> x) const {
    std::fill(dx.begin(), dx.end(), T(0));
    if (y != -std::numeric_limits<T>::infinity()) add_exp<T>(dx, x, normaliser(x), g);
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

}  // namespace unspool::core
