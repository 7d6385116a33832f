// Loops over contiguous numbers that the compiler would not vectorise by itself: sums, and what is written once for a
// register of numbers and for a single one.
#pragma once
#include <algorithm>
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

}  // namespace unspool::core
