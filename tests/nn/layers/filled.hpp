// Arrays by a formula, which the scripts next to the golden files have too.
#pragma once
#include <unspool.hpp>

namespace unspool {

/// Unequal numbers in [-0.5, 0.5), exact in float: element k of an array by its place.
template <class T> xt::xarray<T> filled(Index seed, Shape const& shape) {
    xt::xarray<T> out = xt::empty<T>(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (Index k = 0; T & x : out)
        x = static_cast<T>(static_cast<double>((k * k * 31 + k * 7919 + seed * 104729) % 2039) / 2048 - 0.5), ++k;
    return out;
}

}  // namespace unspool
