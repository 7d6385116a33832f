// Loops over few elements, in sizes that the compiler knows.
#pragma once
#include <cstring>
#include <unspool/autograd/cpu/permutations.hpp>

namespace unspool::core {

/// Calls f with the least power of two that is not less than n, as a constant; a register's at most.
template <Index most, class F> [[gnu::always_inline]] inline void with_power_of_two(Index n, F f) {
    if constexpr (most > 1)
        if (n <= most / 2) return with_power_of_two<most / 2>(n, f);
    f(std::integral_constant<Index, most>{});
}

/// Calls `f(size, at)` for pieces of n elements, in sizes that are powers of two and constants.
template <Index most, class F> [[gnu::always_inline]] inline void in_pieces(Index n, F f, Index at = 0) {
    for (; at + most <= n; at += most) f(std::integral_constant<Index, most>{}, at);
    if constexpr (most > 1)
        if (at < n) in_pieces<most / 2>(n, f, at);
}

template <Real T, Index n> using Piece [[gnu::vector_size(static_cast<std::size_t>(n) * sizeof(T))]] = T;

/// As rows of a square matrix, transposed: blocks of `half` change places, and then blocks within them.
template <int half, int n, class V> [[gnu::always_inline]] inline void transpose_pieces(V* r) {
    constexpr std::make_integer_sequence<int, n> all{};
    auto const upper = []<int... lane>(V a, V b, std::integer_sequence<int, lane...>) {
        return __builtin_shufflevector(a, b, (lane & half ? n + lane - half : lane)...);
    };
    auto const lower = []<int... lane>(V a, V b, std::integer_sequence<int, lane...>) {
        return __builtin_shufflevector(a, b, (lane & half ? n + lane : lane + half)...);
    };
#pragma GCC unroll 16
    for (int i = 0; i < n; ++i)
        if ((i & half) == 0) {
            V const a = r[i], b = r[i + half];
            r[i] = upper(a, b, all), r[i + half] = lower(a, b, all);
        }
    if constexpr (half > 1) transpose_pieces<half / 2, n>(r);
}

template <Real T> [[gnu::always_inline]] inline void put_run(T* to, T const* from, Index n, bool adds) {
    if (adds)
        in_pieces<in_lanes_of<T>>(n, [&]<class N>(N, Index at) {
            Piece<T, N::value> a, b;
            std::memcpy(&a, to + at, sizeof a), std::memcpy(&b, from + at, sizeof b);
            a += b;
            std::memcpy(to + at, &a, sizeof a);
        });
    else
        in_pieces<in_lanes_of<T>>(n,
                                  [&]<class N>(N, Index at) { std::memcpy(to + at, from + at, N::value * sizeof(T)); });
}
template <Real T> [[gnu::always_inline]] inline void put_run(double* to, T const* from, Index n,
                                                             bool) requires(!std::same_as<T, double>) {
    for (Index j = 0; j < n; ++j) to[j] += static_cast<double>(from[j]);
}

/// Calls `f(n)`, with a constant if that is less than a register holds.
template <Index width, Index n = 1, class F> [[gnu::always_inline]] inline void with_length(Index length, F f) {
    if constexpr (n == width) f(length);
    else if (length == n) f(std::integral_constant<Index, n>{});
    else with_length<width, n + 1>(length, f);
}

}  // namespace unspool::core
