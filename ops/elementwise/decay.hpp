// eˣ; exp(-|x|), of which sigmoids are made; and exp(-x²).
#pragma once
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

/// How numbers are made of bits.
template <class T> struct Digits;
template <> struct Digits<float> {
    static constexpr int mantissa = 23;
    static constexpr double last = -104, first = 89;  // whose exponentials are 0 and infinite
    static constexpr float large = 1 << 24;
};
template <> struct Digits<double> {
    static constexpr int mantissa = 52;
    static constexpr double last = -746, first = 710, large = std::int64_t{1} << 53;
};

/// exp(v - k ln 2) - 1 for the integer k that is next to v / ln 2, by xsimd's polynomials.
template <class V> V expm1_of_rest(V v, V k) {
    if constexpr (std::same_as<typename V::value_type, float>) {
        V const r = fnma(k, V(-2.12194440e-4f), fnma(k, V(0.693359375f), v));
        V const q = fma(fma(fma(fma(V(1.3997796e-3f), r, V(8.3955629e-3f)), r, V(4.1665401e-2f)), r, V(1.6666277e-1f)),
                        r, V(0.5f));
        return fma(q, r * r, r);
    } else {
        V const hi = fnma(k, V(6.93147180369123816490e-01), v), lo = k * V(1.90821492927058770002e-10), r = hi - lo,
                s = r * r;
        V const q = fma(fma(fma(fma(V(4.13813679705723846039e-08), s, V(-1.65339022054652515390e-06)), s,
                                V(6.61375632143793436117e-05)),
                            s, V(-2.77777777770155933842e-03)),
                        s, V(1.66666666666666019037e-01));
        V const c = fnma(s, q, r);
        return hi - (lo - r * c / (V(2) - c));
    }
}

/// eᵛ as 2ᵏ (1 + p), where 2ᵏ is times `raised`, a power of two: what is subnormal or infinite becomes so by a product that is last.
template <class V> struct RaisedExp {
    using T                     = typename V::value_type;
    using I                     = xsimd::as_integer_t<V>;
    static constexpr int places = Digits<T>::mantissa;
    static constexpr T magic    = T(3) * (std::int64_t{1} << (places - 1));
    V const m, p, power;
    RaisedExp(V v, V raised)  // m ends in k, which is m - magic
        : m(fma(V(std::numbers::log2e_v<T>), v, V(magic)))
        , p(expm1_of_rest(v, m - V(magic)))
        , power(same_bits<V>((same_bits<I>(m) << places) + same_bits<I>(raised))) {}
    V times(V scale) const { return fma(power, p, power) * scale; }
    V minus_1_times(V raised, V scale) const { return fma(power, p, power - raised) * scale; }
};

/// eˣ with fewer cases than xsimd's exp, which ends a little early, on both sides.  Of NaN and a number, min and max give the second.
template <class V> V accurate_exp(V x) {
    using D = Digits<typename V::value_type>;
    V const large(D::large), little(1 / D::large), v = min(splat<V>(D::first), max(splat<V>(D::last), x));
    auto const small = x < V(0);
    return RaisedExp<V>(v, select(small, large, little)).times(select(small, little, large));
}

template <std::floating_point C> C accurate_exp(C x) { return std::exp(x); }

inline Symbol accurate_exp(Symbol const& x) { return exp(x); }

/// exp(-|x|): with still fewer, since it cannot overflow.
template <class V> V decay(V x) {
    using D   = Digits<typename V::value_type>;
    V const v = max(splat<V>(D::last), x | splat<V>(-0.0));
    return RaisedExp<V>(v, V(D::large)).times(V(1 / D::large));
}

inline Symbol decay(Symbol const& x) { return exp(-abs(x)); }

/// eˣ - 1, accurate near 0 and far from it: floats by doubles, since the sum may lose a digit.
template <class V> V accurate_expm1(V x) {
    if constexpr (is_float<V>) return in_wider([](auto v) { return accurate_expm1(v); }, x);
    else {
        using D = Digits<double>;
        V const large(D::large), little(1 / D::large), v = min(splat<V>(D::first), max(splat<V>(D::last), x));
        auto const small = x < V(1);
        V const raised   = select(small, large, little);
        return select(x == V(0), x, RaisedExp<V>(v, raised).minus_1_times(raised, select(small, little, large)));
    }
}

inline Symbol accurate_expm1(Symbol const& x) { return expm1(x); }

/// exp(-scale x²), with what the square loses to rounding: an exponential is steep where it is small.  The scale is a power of two.
template <class V> V bell(V x, V scale) {
    using T                                = typename V::value_type;
    using I                                = xsimd::as_integer_t<V>;
    constexpr typename I::value_type upper = -1LL << (Digits<T>::mantissa / 2 + 1);
    V const v = within(-40, 40, x), high = same_bits<V>(same_bits<I>(v) & I(upper));
    V const square = v * v, lost = (high * high - square) + (v - high) * (v + high), e = decay(scale * square);
    return fnma(e, scale * lost, e);
}

inline Symbol bell(Symbol const& x, Symbol const& scale) {
    Symbol const v = within(-40, 40, x);
    return exp(-scale * v * v);
}

}  // namespace unspool::core
