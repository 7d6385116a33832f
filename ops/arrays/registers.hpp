// Loops over contiguous numbers that the compiler would not vectorise by itself: sums, and what is written once for a
// register of numbers and for a single one.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <xsimd/xsimd.hpp>

namespace unspool::core {

/// Calls `f(kind, j)` with a register as `kind` from j on, and at the end with one number at a time.
template <Real T, class F> void each_register(Index n, F f) {
    constexpr Index width = static_cast<Index>(xsimd::batch<T>::size);
    Index j               = 0;
    for (; j + width <= n; j += width) f(xsimd::batch<T>{}, j);
    for (; j < n; ++j) f(T{}, j);
}
template <Real T> xsimd::batch<T> load(xsimd::batch<T>, T const* p) { return xsimd::batch<T>::load_unaligned(p); }
template <Real T> T load(T, T const* p) { return *p; }
template <Real T> void store(xsimd::batch<T> const& v, T* p) { v.store_unaligned(p); }
template <Real T> void store(T v, T* p) { *p = v; }

/// The sum of `f(kind, j)`: of a few elements in registers, and of those sums in double.
template <Real T, class F> double summed(Index n, F f) {
    constexpr Index few = 128;
    double out          = 0;
    for (Index at = 0; at < n; at += few) {
        xsimd::batch<T> lanes(T(0));
        T rest         = 0;
        auto const add = [&](auto const& v) {
            if constexpr (std::same_as<std::remove_cvref_t<decltype(v)>, T>) rest += v;
            else lanes += v;
        };
        each_register<T>(std::min(few, n - at), [&](auto kind, Index j) { add(f(kind, at + j)); });
        out += static_cast<double>(xsimd::hadd(lanes)) + static_cast<double>(rest);
    }
    return out;
}

template <Real T> inline constexpr int max_exponent = std::numeric_limits<T>::max_exponent - 2;

/// Squares of what is smaller lose digits.
template <Real T>
inline const T root_of_least = std::sqrt(std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon());

/// A power of two by which to multiply x, so that its squares neither overflow nor vanish; 1 where all are 0, or one is not finite.
template <Real T> T unit_of(std::span<T const> x) {
    T largest = 0;
    for (T v : x) largest = std::isnan(v) ? v : std::max(largest, std::abs(v));
    return largest > 0 && std::isfinite(largest)
               ? std::ldexp(T(1), std::clamp(-std::ilogb(largest), -max_exponent<T>, max_exponent<T>))
               : T(1);
}

}  // namespace unspool::core
