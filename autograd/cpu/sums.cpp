// Neighbours by pairs, lists transposed, rows by halves.
#include <algorithm>
#include <numeric>
#include <unspool/autograd/cpu/permutations.hpp>
#include <unspool/autograd/cpu/sums.hpp>

namespace unspool::core {

namespace {

/// The sums of `n` lists of two neighbours each; may be in place.
template <Real T> void add_pairs(T* to, T const* from, Index n) {
    constexpr Index width = in_lanes_of<T>;
    for (Index i = 0; i < n; i += width) {
        auto const a = Lane<T>::load_unaligned(from + 2 * i), b = Lane<T>::load_unaligned(from + 2 * i + width);
        (picked<T>(a, b, every_second) + picked<T>(a, b, every_other)).store_unaligned(to + i);
    }
}

/// The sums of n lists of k numbers.
template <Real T> void add_lists(T* to, T const* from, Index n, Index k) {
    constexpr Index width = in_lanes_of<T>;
    for (Index i = 0; i < n; i += width) {
        Lane<T> sum(T(0)), r[Lane<T>::size];
        for (Index at = 0; at < k; at += width) {
#pragma GCC unroll 16
            for (Index lane = 0; lane < width; ++lane)
                r[lane] = Lane<T>::load_unaligned(from + std::min(i + lane, n - 1) * k + at);
            for (; at + 2 * width <= k; at += width)
                for (Index lane = 0; lane < width; ++lane)
                    r[lane] += Lane<T>::load_unaligned(from + std::min(i + lane, n - 1) * k + at + width);
            transpose_registers<T>(r);
            for (Index j = 0; j < std::min(width, k - at); ++j) sum += r[j];
        }
        sum.store_unaligned(to + i);
    }
}

/// The same of few numbers, by sums from every place on, of which every k-th is kept: transposing whole registers takes longer.
template <Real T> void add_few(T* to, T const* from, Index n, Index k) {
    constexpr Index width = in_lanes_of<T>;
    T sums[Lane<T>::size];
    Index list = 0, next = 0;  // where the list begins
    for (Index i = 0; list < n; i += width) {
        auto sum = Lane<T>::load_unaligned(from + i);
        for (Index j = 1; j < k; ++j) sum += Lane<T>::load_unaligned(from + i + j);
        sum.store_unaligned(sums);
        for (; next < i + width && list < n; next += k) to[list++] = sums[next - i];
    }
}

/// The second half of k rows of r numbers added to the first, n times; may be in place if there are many.
template <Real T> void add_halves(T* to, T const* from, Index n, Index k, Index r) {
    constexpr Index width = in_lanes_of<T>;
    Index const half      = k / 2 * r;
    for (Index i = 0; i < n; ++i, from += k * r, to += half) {
        for (Index j = 0; j < half; j += width)
            (Lane<T>::load_unaligned(from + j) + Lane<T>::load_unaligned(from + half + j)).store_unaligned(to + j);
        for (Index j = 0; k % 2 != 0 && j < r; ++j) to[j] += from[2 * half + j];
    }
}

/// The sums of k rows of r numbers each, n times.
template <Real T> void add_rows(T* to, T const* from, Index n, Index k, Index r) {
    constexpr Index width = in_lanes_of<T>;
    for (Index i = 0; i < n; ++i, from += k * r, to += r)
        for (Index j = 0; j < r; j += width) {
            auto sum = Lane<T>::load_unaligned(from + j);
            for (Index row = 1; row < k; ++row) sum += Lane<T>::load_unaligned(from + row * r + j);
            sum.store_unaligned(to + j);
        }
}

}  // namespace

template <Real T> void sum_over(T* to, T* memory, T const* from, Index n, Index k, Index r) {
    for (; r == 1 && k % 2 == 0; k /= 2) {
        T* const sums = k == 2 ? to : memory;
        add_pairs(sums, from, n * k / 2), from = sums;
    }
    if (k == 1) return from == to ? void() : void(std::copy_n(from, n * r, to));
    for (; r > 1 && k > 16; k /= 2) add_halves(memory, from, n, k, r), from = memory;
    if (r == 1 && k < 8) add_few(to, from, n, k);
    else if (r == 1) add_lists(to, from, n, k);
    else add_rows(to, from, n, k, r);
}
template void sum_over(float*, float*, float const*, Index, Index, Index);
template void sum_over(double*, double*, double const*, Index, Index, Index);

template <Real T> T sum_of(T const* x, Index n) {
    Index const whole = n / in_lanes_of<T> * in_lanes_of<T>;
    Lane<T> lanes(T(0));
    for (Index j = 0; j < whole; j += in_lanes_of<T>) lanes += Lane<T>::load_unaligned(x + j);
    return std::accumulate(x + whole, x + n, whole > 0 ? sum_of_lanes(lanes) : T(0));
}
template float sum_of(float const*, Index);
template double sum_of(double const*, Index);

}  // namespace unspool::core
