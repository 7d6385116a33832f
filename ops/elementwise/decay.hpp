// exp(-|x|), of which sigmoids are made, and exp(-x²).
#pragma once
#include <cstdint>
#include <numbers>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

/// How numbers are made of bits.
template <class T> struct Digits;
template <> struct Digits<float> {
    static constexpr int mantissa = 23, bias = 127;
    static constexpr double last = -104;  // whose exponential is 0
};
template <> struct Digits<double> {
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double last = -746;
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

/// exp(-|x|): 2ᵏ (1 + p) with fewer cases than xsimd's exp, since it cannot overflow.  Subnormal results are scaled last.
template <class V> V decay(V x) {
    using T              = typename V::value_type;
    using I              = xsimd::as_integer_t<V>;
    using D              = Digits<T>;
    constexpr int raised = D::mantissa + 1;
    constexpr T magic = T(3) * (std::int64_t{1} << (D::mantissa - 1)), scale = T(1) / (std::int64_t{1} << raised);
    V const v = max(splat<V>(D::last), x | V(T(-0.0))), m = fma(V(std::numbers::log2e_v<T>), v, V(magic));
    V const k     = m - V(magic);  // the nearest integer, which is also in the last bits of m
    V const p     = expm1_of_rest(v, k);
    using Bits    = typename I::value_type;
    V const power = same_bits<V>((same_bits<I>(m) << D::mantissa) + I(Bits{D::bias + raised} << D::mantissa));
    return fma(power, p, power) * V(scale);
}

inline Symbol decay(Symbol const& x) { return exp(-abs(x)); }

/// exp(-scale x²), with what the square loses to rounding: an exponential is steep where it is small.  The scale is a power of two.
template <class V> V bell(V x, V scale) {
    using T                                = typename V::value_type;
    using I                                = xsimd::as_integer_t<V>;
    constexpr typename I::value_type upper = -1LL << (Digits<T>::mantissa / 2 + 1);
    V const v = within(-40, 40, x), high = same_bits<V>(same_bits<I>(v) & I(upper));
    V const square = v * v, lost = (high * high - square) + (v - high) * (v + high), e = decay(scale * square);
    return fnma(e, scale * lost, e);
}

inline Symbol bell(Symbol const& x, Symbol const& scale) { return exp(-scale * x * x); }

}  // namespace unspool::core
