// What tests of the checker give it, and ask of its report.
#pragma once
#include <cmath>
#include <span>
#include <string>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <xtensor/xarray.hpp>

inline xt::xarray<double> vector(std::size_t n) {
    auto x = xt::xarray<double>::from_shape({n});
    for (std::size_t i = 0; i < n; ++i) x[i] = std::sin(1.7 * static_cast<double>(i) + 0.4);
    return x;
}
inline xt::xarray<double> matrix(std::size_t m, std::size_t n) {
    auto x = vector(m * n);
    x.reshape({m, n});
    return x;
}

inline bool says(unspool::core::GradReport const& r, std::string const& what) {
    return text(r).find(what) != std::string::npos;
}

/// An operation whose derivative has the wrong sign.
struct BadSin {
    static constexpr auto name = "bad_sin";
    template <class V> static V f(V x) { return sin(x); }
    template <class V> static V df(V x, V) { return -cos(x); }
};

struct FloorWithSlope {
    static constexpr auto name = "floor_with_slope";
    template <class V> static V f(V x) { return floor(x); }
    template <class V> static V df(V, V) { return V(1); }
};

/// The check of a function of one array.
template <class F> unspool::core::GradReport report_of(F f, xt::xarray<double> const& x) {
    using namespace unspool;
    return gradcheck([=](Tape&, std::span<Var const> in) -> Var { return f(in[0]); }, {{"x", x}});
}
