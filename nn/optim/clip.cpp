// Gradient clipping.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unspool/nn/optim/clip.hpp>
#include <unspool/nn/require.hpp>

namespace unspool {

namespace {

// In lanes, so that the compiler may use SIMD registers; in double, so that a sum of floats neither overflows nor drifts.
template <Real T> double sum_of_squares(T const* x, Index n) {
    constexpr Index           lanes = 16;
    std::array<double, lanes> sum{};
    Index const               whole = n / lanes * lanes;
    for (Index i = 0; i < whole; i += lanes)
        for (Index j = 0; j < lanes; ++j) sum[static_cast<std::size_t>(j)] += static_cast<double>(x[i + j]) * static_cast<double>(x[i + j]);
    for (Index i = whole; i < n; ++i) sum[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    return std::accumulate(sum.begin(), sum.end(), 0.0);
}

// `each(f)` calls f(param) for the parameters to be clipped, all of which have a gradient.
template <class Each> double clip(Gradients& gradients, double max_norm, Each each) {
    return dispatch(gradients.dtype(), [&](auto type) {
        using T      = decltype(type);
        double total = 0;
        each([&](Param const& p) { total += sum_of_squares(static_cast<T const*>(gradients[p].data()), p.count()); });
        double const norm = std::sqrt(total), scale = max_norm / (norm + 1e-6);
        if (scale >= 1) return norm;
        each([&](Param const& p) {
            T* const g = gradients.mutable_data<T>(p);
            std::transform(g, g + p.count(), g, [s = static_cast<T>(scale)](T x) { return x * s; });
        });
        return norm;
    });
}

}  // namespace

double clip_grad_norm(Gradients& gradients, double max_norm, Where where) {
    require_number(max_norm >= 0, "clip_grad_norm", "max_norm", max_norm, "at least 0", where);
    return clip(gradients, max_norm, [&](auto f) { gradients.each_param(f); });
}

double clip_grad_norm(Gradients& gradients, std::span<Param* const> of, double max_norm, Where where) {
    require_number(max_norm >= 0, "clip_grad_norm", "max_norm", max_norm, "at least 0", where);
    return clip(gradients, max_norm, [&](auto f) {
        for (Param* p : of)
            if (gradients.reached(*p)) f(*p);
    });
}

}  // namespace unspool
