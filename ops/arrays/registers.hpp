// Loops over contiguous numbers that the compiler would not vectorise by itself: sums, and what is written once for a
// register of numbers and for a single one.  A list may be one of numbers, or of registers, each of which has the numbers of
// several lists at one place.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/cpu/simd.hpp>

namespace unspool::core {

/// So many numbers at most has a list that is one of registers.
inline constexpr std::size_t short_list = 64;

template <class N> struct OfNumbers { using Element = N; };
template <Real T> struct OfNumbers<xsimd::batch<T>> { using Element = T; };
template <class N> using Element = typename OfNumbers<N>::Element;

/// What a list is made of: numbers, or registers.
template <class N> concept Numeric = Real<Element<N>>;

/// What numbers are summed in.
template <Numeric N> using Total = std::conditional_t<Real<N>, double, N>;
template <Numeric N> Total<N> total(double v) { return Total<N>(static_cast<Element<Total<N>>>(v)); }

template <class V> V select(bool which, V const& a, V const& b) { return which ? a : b; }
/// Later versions of xsimd have one of any type, which is less special than this.
template <Real T> xsimd::batch<T> select(bool which, xsimd::batch<T> const& a, xsimd::batch<T> const& b) {
    return which ? a : b;
}
inline bool in_all(bool v) { return v; }
template <Real T> bool in_all(xsimd::batch_bool<T> const& v) { return xsimd::all(v); }

/// Calls `f(kind, j)` with a register as `kind` from j on, and at the end with one number at a time.
template <Numeric N, class F> void each_register(Index n, F f) {
    constexpr Index width = Real<N> ? static_cast<Index>(xsimd::batch<Element<N>>::size) : 1;
    Index j               = 0;
    for (; j + width <= n; j += width) f(xsimd::batch<Element<N>>{}, j);
    if constexpr (Real<N>)
        for (; j < n; ++j) f(N{}, j);
}
template <Real T> xsimd::batch<T> load(xsimd::batch<T>, T const* p) { return xsimd::batch<T>::load_unaligned(p); }
template <Real T> T load(T, T const* p) { return *p; }
template <Real T> void store(xsimd::batch<T> const& v, T* p) { v.store_unaligned(p); }
template <Real T> void store(T v, T* p) { *p = v; }
// Of registers in memory, too, as numbers: the compiler would copy them by halves, for which the next load of a whole waits.
template <Real T> xsimd::batch<T> load(xsimd::batch<T>, xsimd::batch<T> const* p) {
    return xsimd::batch<T>::load_aligned(reinterpret_cast<T const*>(p));
}
template <Real T> void store(xsimd::batch<T> const& v, xsimd::batch<T>* p) { v.store_aligned(reinterpret_cast<T*>(p)); }

/// The sum of `f(kind, j)` for each list, of one number at least.
template <Numeric N, class F> N summed(Index n, F f) requires(!Real<N>) {
    N even = f(N{}, 0);
    if (n == 1) return even;
    N odd   = f(N{}, 1);
    Index j = 2;
    for (; j + 1 < n; j += 2) even += f(N{}, j), odd += f(N{}, j + 1);
    return j < n ? even + f(N{}, j) + odd : even + odd;
}
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
        out += static_cast<double>(sum_of_lanes(lanes)) + static_cast<double>(rest);
    }
    return out;
}

template <Numeric N> inline constexpr Element<N> infinite = std::numeric_limits<Element<N>>::infinity();
template <Real T> inline constexpr int max_exponent       = std::numeric_limits<T>::max_exponent - 2;

/// Squares of what is smaller lose digits.
template <Real T>
inline const T root_of_least = std::sqrt(std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon());

/// What `take(out, v)` makes of `begin` by all numbers of a list, in any order.
template <Numeric N, class Take> N taken_together(std::span<N const> x, N begin, Take take) {
    N out = begin;
    xsimd::batch<Element<N>> lanes(begin);
    each_register<N>(std::ssize(x), [&](auto kind, Index j) {
        if constexpr (std::same_as<decltype(kind), N>) take(out, load(kind, x.data() + j));
        else take(lanes, load(kind, x.data() + j));
    });
    if constexpr (Real<N>) {
        N each[decltype(lanes)::size];
        store(lanes, each);
        for (N v : each) take(out, v);
    }
    return out;
}

/// NaN where one is NaN, 0 of none.
template <Numeric N> N largest_magnitude(std::span<N const> x) {
    return taken_together(x, N(0), []<class V>(V& most, V const& v) {
        V const size = xsimd::abs(v);
        most         = select(xsimd::isnan(v), v, select(most < size, size, most));
    });
}

/// A power of two by which to multiply x, so that its squares neither overflow nor vanish; 1 where all are 0, or one is not finite.
template <Real T> T unit_of(std::span<T const> x) {
    T const largest = largest_magnitude(x);
    return largest > 0 && std::isfinite(largest)
               ? std::ldexp(T(1), std::clamp(-std::ilogb(largest), -max_exponent<T>, max_exponent<T>))
               : T(1);
}

/// Registers, in which lists that are not `good` have what `f` makes of each by itself.
template <std::size_t K, Real T, class F>
[[gnu::noinline]] std::array<xsimd::batch<T>, K> mended(std::array<xsimd::batch<T>, K> values,
                                                        xsimd::batch_bool<T> const& good,
                                                        std::span<xsimd::batch<T> const> x, F f) {
    constexpr std::size_t width = xsimd::batch<T>::size;
    T numbers[short_list][width], list[short_list], made[K][width], is_good[width];
    select(good, xsimd::batch<T>(1), xsimd::batch<T>(0)).store_unaligned(is_good);
    for (std::size_t j = 0; j < x.size(); ++j) x[j].store_unaligned(numbers[j]);
    for (std::size_t k = 0; k < K; ++k) values[k].store_unaligned(made[k]);
    for (std::size_t lane = 0; lane < width; ++lane) {
        if (is_good[lane] != T(0)) continue;
        for (std::size_t j = 0; j < x.size(); ++j) list[j] = numbers[j][lane];
        std::array<T, K> const own = f(std::span<T const>(list, x.size()));
        for (std::size_t k = 0; k < K; ++k) made[k][lane] = own[k];
    }
    for (std::size_t k = 0; k < K; ++k) values[k] = xsimd::batch<T>::load_unaligned(made[k]);
    return values;
}

}  // namespace unspool::core
