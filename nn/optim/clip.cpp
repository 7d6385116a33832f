// Gradient clipping.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <unspool/nn/files/no_parameter.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/clip.hpp>
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

namespace {

// In lanes, so that the compiler may use SIMD registers.
constexpr std::size_t lanes = 16;

// In double, so that a sum of floats neither overflows nor drifts.
template <Real T, class Term> double sum_of(T const* x, std::size_t n, Term term) {
    std::array<double, lanes> sum{};
    std::size_t const whole = n / lanes * lanes;
    for (std::size_t i = 0; i < whole; i += lanes)
        for (std::size_t j = 0; j < lanes; ++j) sum[j] += term(static_cast<double>(x[i + j]));
    for (std::size_t i = whole; i < n; ++i) sum[0] += term(static_cast<double>(x[i]));
    return std::accumulate(sum.begin(), sum.end(), 0.0);
}

// NaN if one element is.
template <Real T> double largest(T const* x, std::size_t n) {
    std::array<T, lanes> most{}, nans{};
    auto const see = [&](T a, std::size_t j) {
        most[j] = a > most[j] ? a : most[j];
        nans[j] += a == a ? T{0} : T{1};
    };
    std::size_t const whole = n / lanes * lanes;
    for (std::size_t i = 0; i < whole; i += lanes)
        for (std::size_t j = 0; j < lanes; ++j) see(std::abs(x[i + j]), j);
    for (std::size_t i = whole; i < n; ++i) see(std::abs(x[i]), 0);
    bool const nan = std::any_of(nans.begin(), nans.end(), [](T k) { return k > 0; });
    return nan ? std::numeric_limits<double>::quiet_NaN()
               : static_cast<double>(*std::max_element(most.begin(), most.end()));
}

// Σ |unit x|^p
template <Real T> double powers(T const* x, std::size_t n, double p, double unit) {
    if (p == 2) return sum_of(x, n, [unit](double a) { return a * unit * (a * unit); });
    if (p == 1) return sum_of(x, n, [unit](double a) { return std::abs(a * unit); });
    return sum_of(x, n, [p, unit](double a) { return std::pow(std::abs(a * unit), p); });
}

// Visits the parameters to be clipped, all of which have a gradient.
auto all_of(Gradients const& gradients, Where where) {
    return [&, where](auto f) { gradients.each_param(f, where); };
}
auto some_of(Gradients& gradients, std::span<Param* const> of, std::string_view who, Where where) {
    require_any(!of.empty(), who, "clip", where);
    require_some(who, gradients, of, where);
    return [&gradients, of, where](auto f) {
        for (Param* p : of)
            if (gradients.reached(*p, where)) f(*p);
    };
}

template <Real T> std::span<T> elements(Gradients& gradients, Param const& p) {
    return {gradients.mutable_data<T>(p), static_cast<std::size_t>(p.count())};
}

template <Real T> std::span<T const> elements(Gradients const& gradients, Param const& p) {
    return {static_cast<T const*>(gradients[p].data()), static_cast<std::size_t>(p.count())};
}

template <Real T, class Each> double largest_of_all(Gradients const& gradients, Each const& each) {
    double out = 0;
    each([&](Param const& param) {
        auto const g = elements<T>(gradients, param);
        if (double const x = largest(g.data(), g.size()); !(x <= out)) out = std::isnan(out) ? out : x;
    });
    return out;
}

template <Real T, class Each> double norm_of(Gradients const& gradients, double p, Each const& each, double unit = 1) {
    if (std::isinf(p)) return largest_of_all<T>(gradients, each);
    double total = 0;
    each([&](Param const& param) {
        auto const g = elements<T>(gradients, param);
        total += powers(g.data(), g.size(), p, unit);
    });
    if (unit == 1 &&
        !(total > std::numeric_limits<double>::min() && std::isfinite(total)))  // it left the range of numbers, perhaps
        if (double const x = largest_of_all<T>(gradients, each); x > 0 && std::isfinite(x))
            return x * norm_of<T>(gradients, p, each, std::min(1 / x, std::numeric_limits<double>::max()));
    return p == 2 ? std::sqrt(total) : std::pow(total, 1 / p);
}

template <class Each> double clip(Gradients& gradients, double max_norm, double p, Where where, Each const& each) {
    require_number(max_norm >= 0, "clip_grad_norm", "max_norm", max_norm, "at least 0", where);
    require_number(p > 0, "clip_grad_norm", "p", p, "above 0", where);
    return dispatch(gradients.dtype(), [&](auto type) {
        using T           = decltype(type);
        double const norm = norm_of<T>(gradients, p, each), scale = max_norm / (norm + 1e-6);
        if (scale >= 1) return norm;
        each([&](Param const& param) {
            for (T& x : elements<T>(gradients, param)) x *= static_cast<T>(scale);
        });
        return norm;
    });
}

template <class Each> void clamp(Gradients& gradients, double most, Where where, Each const& each) {
    require_number(most >= 0, "clip_grad_value", "most", most, "at least 0", where);
    dispatch(gradients.dtype(), [&](auto type) {
        using T      = decltype(type);
        T const high = static_cast<T>(most);
        each([&](Param const& param) {
            for (T& x : elements<T>(gradients, param)) x = x < -high ? -high : x > high ? high : x;
        });
    });
}

}  // namespace

double grad_norm(Gradients const& g, double p, Where where) {
    require_number(p > 0, "grad_norm", "p", p, "above 0", where);
    return dispatch(g.dtype(), [&](auto type) { return norm_of<decltype(type)>(g, p, all_of(g, where)); });
}
double clip_grad_norm(Gradients& g, double max_norm, double p, Where where) {
    return clip(g, max_norm, p, where, all_of(g, where));
}
double clip_grad_norm(Gradients& g, std::span<Param* const> of, double max_norm, double p, Where where) {
    return clip(g, max_norm, p, where, some_of(g, of, "clip_grad_norm", where));
}

void clip_grad_value(Gradients& g, double most, Where where) { clamp(g, most, where, all_of(g, where)); }
void clip_grad_value(Gradients& g, std::span<Param* const> of, double most, Where where) {
    clamp(g, most, where, some_of(g, of, "clip_grad_value", where));
}

}  // namespace unspool::core
