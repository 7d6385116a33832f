// What they compute, and how they pass adjoints on.
#include <numeric>
#include <unspool/ops/arrays/cumulative.hpp>

namespace unspool::core {

// In double, because there may be thousands.
template <Real T> void CumulativeSum::map(std::span<T> y, std::span<T const> x) const {
    double sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) y[j] = static_cast<T>(sum += static_cast<double>(x[j]));
}
template <Real T>
void CumulativeSum::pull(std::span<T> dx, std::span<T const> g, std::span<T const>, std::span<T const>) const {
    double sum = 0;
    for (std::size_t j = g.size(); j-- > 0;) dx[j] = static_cast<T>(sum += static_cast<double>(g[j]));
}

template <Real T> void CumulativeProduct::map(std::span<T> y, std::span<T const> x) const {
    std::partial_sum(x.begin(), x.end(), y.begin(), std::multiplies<>());
}
// s_j = g_j + x_{j+1} s_{j+1} collects what reaches y_j; nothing is divided by.
template <Real T>
void CumulativeProduct::pull(std::span<T> dx, std::span<T const> g, std::span<T const> y, std::span<T const> x) const {
    T s = 0;
    for (std::size_t j = g.size(); j-- > 0;) {
        s     = g[j] + (j + 1 < x.size() ? x[j + 1] * s : T(0));
        dx[j] = s * (j > 0 ? y[j - 1] : T(1));
    }
}

Var cumsum(Argument x, Index axis, Where where) { return call_along<CumulativeSum>(x, axis, where); }
Var cumprod(Argument x, Index axis, Where where) { return call_along<CumulativeProduct>(x, axis, where); }

std::vector<Example> CumulativeSum::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return cumsum(x[0], 0); }},
            {"the middle axis", {{2, 5, 3}}, [](Tape&, std::span<Var const> x) { return cumsum(x[0], 1); }}};
}
std::vector<Example> CumulativeProduct::examples() {
    return {{"a vector", {{7}}, [](Tape&, std::span<Var const> x) { return cumprod(x[0], 0); }},
            {"the middle axis", {{2, 5, 3}}, [](Tape&, std::span<Var const> x) { return cumprod(x[0], -2); }}};
}

}  // namespace unspool::core
