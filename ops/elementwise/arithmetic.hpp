// Arithmetic, and what is made of it and of choices between two numbers.  Each operand is a term, a parameter, a number or
// an xtensor array, and one of them is a term; shapes broadcast.
#pragma once
#include <limits>
#include <unspool/ops/elementwise/lanes.hpp>
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

// ---- one argument:  y = f(x),  dy/dx = df(x, y) ---------------------------------------------------------------------

struct Negate : AnyBits {
    static constexpr auto name   = "-";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"−x", "−1", "Var y = -x;"};
    template <class V> static V f(V x) { return -x; }
    template <class V> static V df(V, V) { return V(-1); }
};
template <Symbolic A> auto operator-(A const& x) { return apply<Negate>(x); }

struct Abs : AnyBits {
    static constexpr auto name      = "abs";
    static constexpr auto c         = "fabs";
    static constexpr auto domain    = Interval{-2, 2};
    static constexpr double kinks[] = {0};
    static constexpr About about{"|x|", "sign x", "Var y = abs(x);", "", "0 at x = 0"};
    template <class V> static V f(V x) { return abs(x); }
    template <class V> static V df(V x, V) { return select(x > V(0), V(1), select(x < V(0), V(-1), V(0))); }
};
template <Symbolic A> auto abs(A const& x) { return apply<Abs>(x); }

struct Square : AnyBits {
    static constexpr auto name   = "square";
    static constexpr auto c      = "return x * x;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"x²", "2x", "Var y = square(x);"};
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) { return x + x; }
};
template <Symbolic A> auto square(A const& x) { return apply<Square>(x); }

struct Reciprocal : AnyBits {
    static constexpr auto name   = "reciprocal";
    static constexpr auto c      = "return 1 / x;";
    static constexpr auto domain = Interval{0.3, 3};
    static constexpr About about{"1 / x", "−y²", "Var y = reciprocal(x);", "x ≠ 0; 1 / ±0 = ±∞"};
    template <class V> static V f(V x) { return V(1) / x; }
    template <class V> static V df(V, V y) { return -y * y; }
};
template <Symbolic A> auto reciprocal(A const& x) { return apply<Reciprocal>(x); }

struct Sqrt : AnyBits {
    static constexpr auto name   = "sqrt";
    static constexpr auto c      = "sqrt";
    static constexpr auto domain = Interval{0.2, 4};
    static constexpr About about{"√x", "1 / (2y)", "Var y = sqrt(x);", "x ≥ 0, NaN below; the derivative at 0 is ∞"};
    template <class V> static V f(V x) { return sqrt(x); }
    template <class V> static V df(V, V y) { return V(0.5) / y; }
};
template <Symbolic A> auto sqrt(A const& x) { return apply<Sqrt>(x); }

struct Rsqrt : AnyBits {
    static constexpr auto name   = "rsqrt";
    static constexpr auto c      = "return 1 / sqrt$(x);";
    static constexpr auto domain = Interval{0.2, 4};
    static constexpr About about{"1 / √x", "−y / (2x)", "Var y = rsqrt(x);", "x > 0; ±∞ at ±0, NaN below"};
    template <class V> static V f(V x) { return V(1) / sqrt(x); }
    template <class V> static V df(V x, V y) { return V(-0.5) * y / abs(x); }  // at -0, too
};
template <Symbolic A> auto rsqrt(A const& x) { return apply<Rsqrt>(x); }

// ---- two arguments:  y = f(a, b),  {dy/da, dy/db} = df(a, b, y) -----------------------------------------------------

struct Add : AnyBits {
    static constexpr auto name   = "+";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"a + b", "1, 1", "Var y = a + b;"};
    template <class V> static V f(V a, V b) { return a + b; }
    template <class V> static Pair<V> df(V, V, V) { return {V(1), V(1)}; }
};
struct Subtract : AnyBits {
    static constexpr auto name   = "-";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"a − b", "1, −1", "Var y = a - b;"};
    template <class V> static V f(V a, V b) { return a - b; }
    template <class V> static Pair<V> df(V, V, V) { return {V(1), V(-1)}; }
};
struct Multiply : AnyBits {
    static constexpr auto name   = "*";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"a b", "b, a", "Var y = a * b;"};
    template <class V> static V f(V a, V b) { return a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {b, a}; }
};
struct Divide : AnyBits {
    static constexpr auto name   = "/";
    static constexpr auto domain = Interval{0.5, 2};
    static constexpr About about{"a / b", "1 / b, −y / b", "Var y = a / b;", "b ≠ 0; a / ±0 = ±∞, 0 / 0 = NaN"};
    template <class V> static V f(V a, V b) { return a / b; }
    template <class V> static Pair<V> df(V, V b, V y) { return {V(1) / b, -y / b}; }
};

// Of the same form as xtensor's operators and functions, and more constrained, so that `x * array` is a term.
template <class A, class B>
requires Operands<A, B>
auto operator+(A&& a, B&& b) {
    if constexpr (requires { joined(a, b); }) return joined(a, b);  // a sum of projections is one: see projection.hpp
    else return apply<Add>(a, b);
}
template <class A, class B>
requires Operands<A, B>
auto operator-(A&& a, B&& b) { return apply<Subtract>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator*(A&& a, B&& b) { return apply<Multiply>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator/(A&& a, B&& b) { return apply<Divide>(a, b); }

// What is no operand, in one line rather than with every operator that there is.
template <class A, class B>
requires ForeignOperands<A, B>
void operator+(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator-(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator*(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator/(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays

struct SquaredDifference : AnyBits {
    static constexpr auto name   = "squared_difference";
    static constexpr auto c      = "return (a - b) * (a - b);";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"(a − b)²", "2(a − b), −2(a − b)", "Var y = squared_difference(a, b);"};
    template <class V> static V f(V a, V b) { return (a - b) * (a - b); }
    template <class V> static Pair<V> df(V a, V b, V) { return {V(2) * (a - b), V(2) * (b - a)}; }
};
template <class A, class B>
requires Operands<A, B>
auto squared_difference(A&& a, B&& b) { return apply<SquaredDifference>(a, b); }

struct Maximum : AnyBits {
    static constexpr auto name   = "maximum";
    static constexpr auto c      = "return a > b || isnan(a) ? a : b;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"max(a, b)", "1, 0 where a > b; 0, 1 where a < b", "Var y = maximum(a, b);",
                                 "NaN where a or b is", "½, ½ where a = b"};
    template <class V> static V f(V a, V b) { return select(isnan(a), a, select(a > b, a, b)); }
    template <class V> static Pair<V> df(V a, V b, V) {
        V const tie = select(a == b, V(0.5), V(1));
        return {select(a < b, V(0), tie), select(b < a, V(0), tie)};
    }
};
template <class A, class B>
requires Operands<A, B>
auto maximum(A&& a, B&& b) { return apply<Maximum>(a, b); }

struct Minimum : AnyBits {
    static constexpr auto name   = "minimum";
    static constexpr auto c      = "return a < b || isnan(a) ? a : b;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"min(a, b)", "1, 0 where a < b; 0, 1 where a > b", "Var y = minimum(a, b);",
                                 "NaN where a or b is", "½, ½ where a = b"};
    template <class V> static V f(V a, V b) { return select(isnan(a), a, select(a < b, a, b)); }
    template <class V> static Pair<V> df(V a, V b, V y) { return Maximum::df(b, a, y); }  // 1 for the one that is less
};
template <class A, class B>
requires Operands<A, B>
auto minimum(A&& a, B&& b) { return apply<Minimum>(a, b); }

struct Hypot : AnyBits {
    static constexpr auto name   = "hypot";
    static constexpr auto c      = "hypot";
    static constexpr auto domain = Interval{0.2, 2};
    static constexpr About about{"√(a² + b²), without overflow", "a / y, b / y", "Var y = hypot(a, b);", "",
                                 "0, 0 where a = b = 0"};
    template <class V> static V f(V a, V b) {
        return by_doubles_unless([](V const& y) { return isnan(y); },  // infinite beside NaN
                                 [](auto x, auto z) { return hypot(x, z); },
                                 [](double x, double z) { return std::hypot(x, z); }, a, b);
    }
    template <class V> static Pair<V> df(V a, V b, V y) { return {part(a, b, y), part(b, a, y)}; }

private:
    template <class V> static V part(V a, V b, V y) {  // a subnormal root has lost digits, and an infinite one all
        if constexpr (is_symbol<V>) return select(y == V(0), V(0), a / select(y == V(0), V(1), y));
        using T = typename V::value_type;
        return in_lanes_if<Wider<T>>(
            (y < V(std::numeric_limits<T>::min())) | (y > V(std::numeric_limits<T>::max())), a / y,
            [](Wider<T> x, Wider<T> z) { return x == 0 && z == 0 ? 0 : x / std::hypot(x, z); }, a, b);
    }
};
template <class A, class B>
requires Operands<A, B>
auto hypot(A&& a, B&& b) { return apply<Hypot>(a, b); }

// ---- three arguments:  y = f(a, b, c) -------------------------------------------------------------------------------

struct Fma : AnyBits {
    static constexpr auto name   = "fma";
    static constexpr auto c      = "fma";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"a b + c, rounded once where the processor can", "b, a, 1", "Var y = fma(a, b, c);"};
    template <class V> static V f(V a, V b, V c) { return fma(a, b, c); }
    template <class V> static Triple<V> df(V a, V b, V, V) { return {b, a, V(1)}; }
};
template <class A, class B, class C>
requires Operands<A, B, C>
auto fma(A&& a, B&& b, C&& c) { return apply<Fma>(a, b, c); }

/// As PyTorch computes it: a at t = 0 and b at t = 1, to the last bit.
struct Lerp : AnyBits {
    static constexpr auto name   = "lerp";
    static constexpr auto c      = "return c < 0.5$ ? a + c * (b - a) : b - (1 - c) * (b - a);";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"a + t (b − a)", "1 − t, t, b − a", "Var y = lerp(a, b, x);",
                                 "t may be outside of [0, 1]"};
    template <class V> static V f(V a, V b, V t) {
        return select(t < V(0.5), a + t * (b - a), b - (V(1) - t) * (b - a));
    }
    template <class V> static Triple<V> df(V a, V b, V t, V) { return {V(1) - t, t, b - a}; }
};
template <class A, class B, class T>
requires Operands<A, B, T>
auto lerp(A&& a, B&& b, T&& t) { return apply<Lerp>(a, b, t); }

struct Clamp : AnyBits {
    static constexpr auto name   = "clamp";
    static constexpr auto c      = "const real y = a > b || isnan(a) ? a : b; return y < c || isnan(y) ? y : c;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{"min(max(x, lo), hi)", "1, 0, 0 where lo ≤ x ≤ hi; else 1 for the bound that is taken",
                                 "Var y = clamp(x, -1, 1);", "hi where lo > hi; NaN where an operand is",
                                 "1, 0, 0 where x is a bound"};
    template <class V> static V f(V x, V lo, V hi) { return Minimum::f(Maximum::f(x, lo), hi); }
    template <class V> static Triple<V> df(V x, V lo, V hi, V) {
        V const below = select(x < lo, V(1), V(0)), above = select(x > hi, V(1), V(0)),
                crossed = select(hi < lo, V(1), V(0));
        V const low = below * (V(1) - crossed), high = max(above, below * crossed);
        return {(V(1) - low) * (V(1) - high), low, high};
    }
};
template <class X, class L, class H>
requires Operands<X, L, H>
auto clamp(X&& x, L&& lo, H&& hi) { return apply<Clamp>(x, lo, hi); }

using UnaryArithmetic   = WithDomain<Negate, Abs, Square, Reciprocal, Sqrt, Rsqrt>;
using BinaryArithmetic  = WithDomain<Add, Subtract, Multiply, Divide, SquaredDifference, Maximum, Minimum, Hypot>;
using TernaryArithmetic = WithDomain<Fma, Lerp, Clamp>;

}  // namespace unspool::core

namespace unspool {

using core::abs, core::clamp, core::fma, core::hypot, core::lerp, core::maximum, core::minimum, core::reciprocal,
    core::rsqrt, core::sqrt, core::square, core::squared_difference;

}  // namespace unspool
