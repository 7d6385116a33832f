// What tests of the checker give it, and ask of its report.
#pragma once
#include <cmath>
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
