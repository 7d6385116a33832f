// The integral of exp(−t²), from 0 to x and from x to infinity.
#pragma once
#include <cmath>
#include <numbers>
#include <unspool/ops/elementwise/decay.hpp>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

struct Erf : AnyBits {
    static constexpr auto name   = "erf";
    static constexpr auto c      = "erf";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"2/√π ∫₀ˣ exp(−t²) dt", "2/√π exp(−x²)", "Var y = erf(x);"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return erf(v); }, [](double v) { return std::erf(v); }, x);
    }
    template <class V> static V df(V x, V) { return splat<V>(2 * std::numbers::inv_sqrtpi) * bell(x, V(1)); }
};
template <Symbolic A> auto erf(A const& x) { return apply<Erf>(x); }

struct Erfc : AnyBits {
    static constexpr auto name   = "erfc";
    static constexpr auto c      = "erfc";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"1 − erf x, accurate where that is small", "−2/√π exp(−x²)", "Var y = erfc(x);"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return erfc(v); }, [](double v) { return std::erfc(v); }, x);
    }
    template <class V> static V df(V x, V) { return splat<V>(-2 * std::numbers::inv_sqrtpi) * bell(x, V(1)); }
};
template <Symbolic A> auto erfc(A const& x) { return apply<Erfc>(x); }

using ErrorFunctions = WithDomain<Erf, Erfc>;

}  // namespace unspool::core

namespace unspool {

using core::erf, core::erfc;

}  // namespace unspool
