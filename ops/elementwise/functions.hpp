// The elementary functions.  What xsimd computes within two units in the last place runs in registers; the rest in registers of
// doubles, whose errors are lost where results are floats, or one by one by the standard library, where they are doubles.
#pragma once
#include <limits>
#include <numbers>
#include <unspool/ops/elementwise/decay.hpp>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

struct Exp : AnyBits {
    static constexpr auto name   = "exp";
    static constexpr auto c      = "exp";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"eˣ", "y", "Var y = exp(x);"};
    template <class V> static V f(V x) { return accurate_exp(x); }
    template <class V> static V df(V, V y) { return y; }
};
template <Symbolic A> auto exp(A const& x) { return apply<Exp>(x); }

struct Expm1 : AnyBits {
    static constexpr auto name   = "expm1";
    static constexpr auto c      = "expm1";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"eˣ − 1, accurate near 0", "y + 1", "Var y = expm1(x);"};
    template <class V> static V f(V x) { return accurate_expm1(x); }
    template <class V> static V df(V, V y) { return y + V(1); }
};
template <Symbolic A> auto expm1(A const& x) { return apply<Expm1>(x); }

struct Log : AnyBits {
    static constexpr auto name   = "log";
    static constexpr auto c      = "log";
    static constexpr auto domain = Interval{0.2, 4};
    static constexpr About about{"ln x", "1 / x", "Var y = log(x);", "x > 0; −∞ at 0, NaN below"};
    template <class V> static V f(V x) {
        if constexpr (is_symbol<V>) return log(x);
        else {  // asks what xsimd's asks, which then need not
            using T              = typename V::value_type;
            auto const subnormal = (x < xsimd::constants::smallestposval<V>()) && (x != V(0));
            if (!any(subnormal)) return log(x);
            constexpr int raised = std::numeric_limits<T>::digits;
            V const up           = log(x * V(T(std::int64_t{1} << raised)));
            return select(subnormal, up - splat<V>(raised * std::numbers::ln2_v<long double>), log(x));
        }
    }
    template <class V> static V df(V x, V) { return V(1) / x; }
};
template <Symbolic A> auto log(A const& x) { return apply<Log>(x); }

struct Log1p : AnyBits {
    static constexpr auto name   = "log1p";
    static constexpr auto c      = "log1p";
    static constexpr auto domain = Interval{-0.8, 4};
    static constexpr About about{"ln(1 + x), accurate near 0", "1 / (1 + x)", "Var y = log1p(x);",
                                 "x > −1; −∞ at −1, NaN below"};
    template <class V> static V f(V x) { return select(x == V(0), x, log1p(x)); }  // of -0, that
    template <class V> static V df(V x, V) { return V(1) / (V(1) + x); }
};
template <Symbolic A> auto log1p(A const& x) { return apply<Log1p>(x); }

// ---- trigonometric ----

/// f by xsimd, and by the standard library where |x| is above 62: beyond 20π, xsimd chooses among its reductions by what stands beside
/// an element, and a register may reach over the end of an array.
template <class F, class Library, class V> V not_far(F f, Library library, V const& x) {
    if constexpr (is_symbol<V>) return f(x);
    else {
        auto const near = abs(x) <= V(62);
        return in_lanes_if<double>(!near, f(select(near, x, V(0))), library, x);
    }
}

struct Cos;
struct Sin : AnyBits {
    static constexpr auto name   = "sin";
    static constexpr auto c      = "sin";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"sin x", "cos x", "Var y = sin(x);", "NaN at ±∞"};
    template <class V> static V f(V x) {
        return not_far([](V const& v) { return sin(v); }, [](double v) { return std::sin(v); }, x);
    }
    template <class V> static V df(V x, V) { return value_of<Cos>(x); }
};
template <Symbolic A> auto sin(A const& x) { return apply<Sin>(x); }

struct Cos : AnyBits {
    static constexpr auto name   = "cos";
    static constexpr auto c      = "cos";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"cos x", "−sin x", "Var y = cos(x);", "NaN at ±∞"};
    template <class V> static V f(V x) {
        return not_far([](V const& v) { return cos(v); }, [](double v) { return std::cos(v); }, x);
    }
    template <class V> static V df(V x, V) { return -value_of<Sin>(x); }
};
template <Symbolic A> auto cos(A const& x) { return apply<Cos>(x); }

struct Tan : AnyBits {
    static constexpr auto name   = "tan";
    static constexpr auto c      = "tan";
    static constexpr auto domain = Interval{-1.2, 1.2};
    static constexpr About about{"tan x", "1 + y²", "Var y = tan(x);", "large near the poles (n + ½)π; NaN at ±∞"};
    template <class V> static V f(V x) {
        auto const by_library = [](double v) { return std::tan(v); };
        return not_far([&](V const& v) { return by_doubles([](auto w) { return tan(w); }, by_library, v); }, by_library,
                       x);
    }
    template <class V> static V df(V, V y) { return V(1) + y * y; }
};
template <Symbolic A> auto tan(A const& x) { return apply<Tan>(x); }

struct Asin : AnyBits {
    static constexpr auto name   = "asin";
    static constexpr auto c      = "asin";
    static constexpr auto domain = Interval{-0.9, 0.9};
    static constexpr About about{"arcsin x", "1 / √(1 − x²)", "Var y = asin(x);",
                                 "|x| ≤ 1, NaN beyond; the derivative at ±1 is ∞"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return asin(v); }, [](double v) { return std::asin(v); }, x);
    }
    template <class V> static V df(V x, V) { return V(1) / sqrt((V(1) - x) * (V(1) + x)); }
};
template <Symbolic A> auto asin(A const& x) { return apply<Asin>(x); }

struct Acos : AnyBits {
    static constexpr auto name   = "acos";
    static constexpr auto c      = "acos";
    static constexpr auto domain = Interval{-0.9, 0.9};
    static constexpr About about{"arccos x", "−1 / √(1 − x²)", "Var y = acos(x);",
                                 "|x| ≤ 1, NaN beyond; the derivative at ±1 is −∞"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return acos(v); }, [](double v) { return std::acos(v); }, x);
    }
    template <class V> static V df(V x, V) { return V(-1) / sqrt((V(1) - x) * (V(1) + x)); }
};
template <Symbolic A> auto acos(A const& x) { return apply<Acos>(x); }

struct Atan : AnyBits {
    static constexpr auto name   = "atan";
    static constexpr auto c      = "atan";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"arctan x", "1 / (1 + x²)", "Var y = atan(x);", "±π/2 at ±∞"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return atan(v); }, [](double v) { return std::atan(v); }, x);
    }
    template <class V> static V df(V x, V) {
        if constexpr (is_symbol<V>) {  // no square that is infinite, and no infinity that its derivative divides
            auto const infinite = isinf(x);
            V const cosine      = V(1) / hypot(V(1), select(infinite, V(0), x));
            return select(infinite, V(0), cosine * cosine);
        }
        auto const far = abs(x) > V(1);  // where the square may be infinite and the derivative is not 0
        V const inward = select(far, V(1) / x, x), s = inward * inward, y = V(1) / (V(1) + s);
        return select(far, s * y, y);
    }
};
template <Symbolic A> auto atan(A const& x) { return apply<Atan>(x); }

struct Atan2 : AnyBits {
    static constexpr auto name   = "atan2";
    static constexpr auto c      = "atan2";
    static constexpr auto domain = Interval{0.3, 2};
    static constexpr About about{"the angle of the point (b, a), in (−π, π]", "b / (a² + b²), −a / (a² + b²)",
                                 "Var y = atan2(a, b);",
                                 "(a, b) ≠ (0, 0), where the derivatives are NaN; jumps where a = 0 > b"};
    template <class V> static V f(V a, V b) {
        return by_doubles_unless([&](V const&) { return abs(a) == abs(b); },  // both may be 0, or infinite
                                 [](auto x, auto y) { return atan2(x, y); },
                                 [](double x, double y) { return std::atan2(x, y); }, a, b);
    }
    template <class V> static Pair<V> df(V a, V b, V) { return {over_square(b, a, b), -over_square(a, a, b)}; }

private:
    template <class V> static V over_square(V c, V a, V b) {  // c / (a² + b²), without overflow
        if constexpr (is_symbol<V>) return c / hypot(a, b) / hypot(a, b);
        auto const by_radius = [](double z, double x, double y) {
            double const r = std::hypot(x, y);
            return z / r / r;
        };
        return by_doubles([](auto z, auto x, auto y) { return z / (x * x + y * y); }, by_radius, c, a, b);
    }
};
template <class A, class B>
requires Operands<A, B>
auto atan2(A&& a, B&& b) { return apply<Atan2>(a, b); }

// ---- hyperbolic ----

struct Sinh : AnyBits {
    static constexpr auto name   = "sinh";
    static constexpr auto c      = "sinh";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"sinh x", "cosh x", "Var y = sinh(x);"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return sinh(v); }, [](double v) { return std::sinh(v); }, x);
    }
    template <class V> static V df(V x, V) { return cosh(x); }
};
template <Symbolic A> auto sinh(A const& x) { return apply<Sinh>(x); }

struct Cosh : AnyBits {
    static constexpr auto name   = "cosh";
    static constexpr auto c      = "cosh";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"cosh x", "sinh x", "Var y = cosh(x);"};
    template <class V> static V f(V x) {
        return by_doubles([](auto v) { return cosh(v); }, [](double v) { return std::cosh(v); }, x);
    }
    template <class V> static V df(V x, V) { return sinh(x); }
};
template <Symbolic A> auto cosh(A const& x) { return apply<Cosh>(x); }

struct Tanh : AnyBits {
    static constexpr auto name   = "tanh";
    static constexpr auto c      = "tanh";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"tanh x", "1 − y²", "Var y = tanh(x);"};
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return V(1) - y * y; }
};
template <Symbolic A> auto tanh(A const& x) { return apply<Tanh>(x); }

// ---- powers ----

struct Pow : AnyBits {
    static constexpr auto name   = "pow";
    static constexpr auto c      = "pow";
    static constexpr auto domain = Interval{0.5, 2};
    static constexpr About about{"aᵇ", "b aᵇ⁻¹, y ln a", "Var y = pow(a, 2);",
                                 "as C's pow: NaN where a is negative, finite, and b no integer; the derivatives are 0 "
                                 "by a where b = 0, and 0 by b "
                                 "where a = 0 ≤ b"};
    template <class V> static V f(V a, V b) {
        constexpr auto infinity = std::numeric_limits<typename V::value_type>::infinity();
        auto const rare         = [&](V const&) {
            auto const within = (abs(a) < V(infinity)) & (abs(b) < V(1e6)) & (b != V(0));
            return (!within) | ((a == V(0)) & (b < V(0)));
        };
        return by_doubles_unless(
            rare, [](auto x, auto y) { return by_logarithm(x, y); }, [](double x, double y) { return std::pow(x, y); },
            a, b);
    }
    template <class V> static Pair<V> df(V a, V b, V y) {
        if constexpr (is_symbol<V>) {  // of which nothing may be infinite where it is not wanted
            auto const both_0 = (b == V(0)) & ((a == V(0)) | isnan(a)), from_0 = (a == V(0)) & (b >= V(0));
            bool const number = b.is_number();
            V const by_a      = b * pow(number ? a : select(both_0, V(1), a), b - V(1));
            return {number ? by_a : select(isnan(y), y, select(both_0, V(0), by_a)), y * log(select(from_0, V(1), a))};
        }
        using T = typename V::value_type;
        using C = Wider<T>;
        V const low(std::numeric_limits<T>::min()), power = y / a;
        auto const within = (abs(y) >= low) & (abs(power) >= low) & (abs(power) <= V(std::numeric_limits<T>::max()));
        V const by_a      = in_lanes_if<C>(  // the product may be within all the same
            !within, b * power,
            [](C x, C n) {
                C const value = std::pow(x, n);
                return std::isnan(value) ? value : n * std::pow(x, n - 1);
            },
            a, b);
        V const by_b      = in_lanes_if<C>((abs(y) < low) & (a != V(0)), y * value_of<Log>(a),
                                      [](C x, C n) { return std::pow(x, n) * std::log(x); }, a, b);
        return {select(b == V(0), V(0), by_a), select((a == V(0)) & (b >= V(0)), V(0), by_b)};
    }

private:
    template <class D> static D by_logarithm(D x, D y) {
        D const size = accurate_exp(y * log(abs(x))), odd = y - D(2) * floor(y * D(0.5));
        D const negative =
            select(odd == D(1), -size, select(odd == D(0), size, D(std::numeric_limits<double>::quiet_NaN())));
        return select(x < D(0), negative, size);
    }
};
template <class A, class B>
requires Operands<A, B>
auto pow(A&& a, B&& b) { return apply<Pow>(a, b); }

using UnaryFunctions  = WithDomain<Exp, Expm1, Log, Log1p, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh>;
using BinaryFunctions = WithDomain<Pow, Atan2>;

}  // namespace unspool::core

namespace unspool {

using core::acos, core::asin, core::atan, core::atan2, core::cos, core::cosh, core::exp, core::expm1, core::log,
    core::log1p, core::pow, core::sin, core::sinh, core::tan, core::tanh;

}  // namespace unspool
