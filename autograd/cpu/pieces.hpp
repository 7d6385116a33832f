// Loops over few elements, in sizes that the compiler knows.
#pragma once
#include <algorithm>
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

/// Calls f with the side of the squares by which a matrix is transposed at the least cost, as a constant that is not above `most`, of 4 at
/// least: each takes n moves there and n back, and as many for each halving.
template <Index width, class F>
[[gnu::always_inline]] inline void with_least_square(Index rows, Index columns, Index most, F f) {
    auto const cost     = [&](Index n, Index each) { return (rows + n - 1) / n * ((columns + n - 1) / n) * each; };
    Index const of_four = cost(4, 16), of_eight = most >= 8 ? cost(8, 40) : of_four + 1;
    if constexpr (width >= 16)
        if (most >= 16 && cost(16, 96) <= std::min(of_four, of_eight)) return f(std::integral_constant<Index, 16>{});
    if constexpr (width >= 8)
        if (of_eight <= of_four) return f(std::integral_constant<Index, 8>{});
    f(std::integral_constant<Index, std::min(width, Index{4})>{});
}

template <Real T, Index most = in_lanes_of<T>>
[[gnu::always_inline]] inline void put_run(T* to, T const* from, Index n, bool adds) {
    if (adds)
        in_pieces<most>(n, [&]<class N>(N, Index at) {
            Piece<T, N::value> a, b;
            std::memcpy(&a, to + at, sizeof a), std::memcpy(&b, from + at, sizeof b);
            a += b;
            std::memcpy(to + at, &a, sizeof a);
        });
    else in_pieces<most>(n, [&]<class N>(N, Index at) { std::memcpy(to + at, from + at, N::value * sizeof(T)); });
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
