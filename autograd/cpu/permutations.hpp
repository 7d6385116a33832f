// Registers whose elements change places, as the compiler knows them.
#pragma once
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/cpu/simd.hpp>
#include <utility>

namespace unspool::core {

template <Real T> using Lane                  = xsimd::batch<T>;
template <Real T> constexpr Index in_lanes_of = static_cast<Index>(Lane<T>::size);

/// Elements of a and b: that of a where `of_a(lane)`, from lane `from(lane)`.
template <Real T, class Pick> [[gnu::always_inline]] inline Lane<T> picked(Lane<T> const& a, Lane<T> const& b, Pick) {
    return [&]<int... lane>(std::integer_sequence<int, lane...>) {
        return Lane<T>(__builtin_shufflevector(a.data, b.data, Pick{}(lane)...));
    }
    (std::make_integer_sequence<int, static_cast<int>(Lane<T>::size)>{});
}

/// As rows of a square matrix, transposed: blocks of `half` change places, and then blocks within them.
template <int half, Real T> [[gnu::always_inline]] inline void transpose_registers(Lane<T> (&r)[Lane<T>::size]) {
    constexpr int width = static_cast<int>(Lane<T>::size);
    constexpr auto low  = [](int lane) { return lane & half ? width + lane - half : lane; };
    constexpr auto high = [](int lane) { return lane & half ? width + lane : lane + half; };
#pragma GCC unroll 16
    for (int i = 0; i < width; ++i)
        if ((i & half) == 0) {
            Lane<T> const a = r[i], b = r[i + half];
            r[i] = picked<T>(a, b, low), r[i + half] = picked<T>(a, b, high);
        }
    if constexpr (half > 1) transpose_registers<half / 2, T>(r);
}
template <Real T> [[gnu::always_inline]] inline void transpose_registers(Lane<T> (&r)[Lane<T>::size]) {
    transpose_registers<static_cast<int>(Lane<T>::size) / 2, T>(r);
}

constexpr auto every_second = [](int lane) { return 2 * lane; };
constexpr auto every_other  = [](int lane) { return 2 * lane + 1; };

}  // namespace unspool::core
