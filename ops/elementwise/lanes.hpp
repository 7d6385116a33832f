// Functions of a register of which no fast form is accurate enough: in registers of doubles, or element by element.
#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <type_traits>
#include <unspool/autograd/cpu/simd.hpp>
#include <unspool/autograd/statement/symbol.hpp>

namespace unspool::core {

/// The type with more digits.
template <class T> using Wider = std::conditional_t<std::same_as<T, float>, double, long double>;

/// Is it of floats, whose functions registers of doubles compute with digits to spare?
template <class V> inline constexpr bool is_float = std::same_as<typename V::value_type, float>;

/// f of each element, computed in the type C and rounded once.
template <class C, class F, std::same_as<Symbol> V, class... More> V in_lanes(F f, V const& x, More const&... more) {
    if (!(x.is_number() && ... && more.is_number())) return no_formula();
    return static_cast<double>(f(static_cast<C>(x.number()), static_cast<C>(more.number())...));
}
template <class C, class F, class V, class... More> V in_lanes(F f, V const& x, More const&... more) {
    using T = typename V::value_type;
    struct alignas(64) Lanes {
        T value[V::size];
        explicit Lanes(V const& v) { v.store_aligned(value); }
        C operator[](std::size_t k) const { return static_cast<C>(value[k]); }
    };
    Lanes y(x);
    [&](auto const&... rest) {
        for (std::size_t k = 0; k < V::size; ++k) y.value[k] = static_cast<T>(f(y[k], rest[k]...));
    }(Lanes(more)...);
    return V::load_aligned(y.value);
}

/// The same where no element needs better than `fast`.
template <class C, class F, class V, class... More>
V in_lanes_if(typename V::batch_bool_type const& needed, V const& fast, F f, V const& x, More const&... more) {
    if constexpr (is_symbol<V>) return fast;  // of symbols, what it is but for rounding
    else return any(needed) ? select(needed, in_lanes<C>(f, x, more...), fast) : fast;
}

/// What an operation is of a value: as a call, where that is a symbol.
template <class Op, class V> V value_of(V const& x) {
    if constexpr (!is_symbol<V>) return Op::f(x);
    else if (x.is_number()) return Op::f(xsimd::batch<double>(x.number())).get(0);
    else return recorded(operation_of<Op, 1>, x);
}

/// f of a register in the type with more digits: of floats, half a register of doubles at a time.
template <class F, class V, class... More> V in_wider(F f, V const& x, More const&... more) {
    if constexpr (std::same_as<typename V::value_type, double>) return in_lanes<long double>(f, x, more...);
    else {
        using D = xsimd::batch<double, typename V::arch_type>;
        struct alignas(64) Doubles {
            double value[V::size];
            explicit Doubles(V const& v) {
                alignas(64) float single[V::size];
                v.store_aligned(single);
                std::copy_n(single, V::size, value);
            }
        };
        Doubles y(x);
        [&](auto const&... rest) {
            for (std::size_t k = 0; k < V::size; k += D::size)
                f(D::load_aligned(y.value + k), D::load_aligned(rest.value + k)...).store_aligned(y.value + k);
        }(Doubles(more)...);
        alignas(64) float single[V::size];
        std::transform(y.value, y.value + V::size, single, [](double v) { return static_cast<float>(v); });
        return V::load_aligned(single);
    }
}

/// Of floats, f of registers of doubles, whose errors are lost in rounding; of doubles, the standard library's form one by one.
template <class F, class Library, class V, class... More>
V by_doubles(F f, Library library, V const& x, More const&... more) {
    if constexpr (is_float<V>) return in_wider(f, x, more...);
    else return in_lanes<double>(library, x, more...);
}

/// The same where f lacks cases: those, which `rare` finds of its result, are the standard library's.
template <class Rare, class F, class Library, class V, class... More>
V by_doubles_unless(Rare rare, F f, Library library, V const& x, More const&... more) {
    if constexpr (is_float<V>) {
        V const y = in_wider(f, x, more...);
        return in_lanes_if<double>(rare(y), y, library, x, more...);
    } else return in_lanes<double>(library, x, more...);
}

/// The number, rounded to the element type.
template <class V> V splat(long double x) {
    if constexpr (std::floating_point<V>) return static_cast<V>(x);
    else return V(static_cast<typename V::value_type>(x));
}

/// Of registers and of numbers: x, but not below `low`; NaN stays NaN.
template <class V> V not_below(double low, V const& x) {
    V const lo = splat<V>(low);
    if constexpr (std::floating_point<V>) return x < lo ? lo : x;
    else return select(x < lo, lo, x);
}

/// x within [low, high]; NaN stays NaN.
template <class V> V within(double low, double high, V const& x) {
    V const lo = splat<V>(low), hi = splat<V>(high);
    if constexpr (is_symbol<V>) return clip(x, lo, hi);
    else return select(x < lo, lo, select(x > hi, hi, x));
}

}  // namespace unspool::core
