// Random arrays for cells.
#pragma once
#include <unspool.hpp>

/// Of the normal distribution.
inline xt::xarray<double> drawn(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<double> out = xt::zeros<double>(shape);
    unspool::Random random(seed);
    for (double& x : out) x = random.normal();
    return out;
}
