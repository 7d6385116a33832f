// The elementwise operations: each is its struct and its one-line spelling, and stands in the list at the end.
#pragma once
#include <unspool/autograd/statement.hpp>

namespace unspool {

template <class... Op> struct List {};

/// Operations that say where they may be checked.
template <class... Op>
requires(std::same_as<decltype(Op::domain), Interval const>&&...) using WithDomain = List<Op...>;

// ---- one argument:  y = f(x),  dy/dx = df(x, y) ---------------------------------------------------------------------

struct Negate {
    static constexpr auto       name   = "-";
    static constexpr auto       domain = Interval{-2, 2};
    template <class V> static V f(V x) { return -x; }
    template <class V> static V df(V, V) { return V(-1); }
};
template <Term A> auto operator-(A const& x) { return apply<Negate>(x); }

struct Exp {
    static constexpr auto       name   = "exp";
    static constexpr auto       domain = Interval{-2, 2};
    template <class V> static V f(V x) { return exp(x); }
    template <class V> static V df(V, V y) { return y; }
};
template <Term A> auto exp(A const& x) { return apply<Exp>(x); }

struct Log {
    static constexpr auto       name   = "log";
    static constexpr auto       domain = Interval{0.2, 4};
    template <class V> static V f(V x) { return log(x); }
    template <class V> static V df(V x, V) { return V(1) / x; }
};
template <Term A> auto log(A const& x) { return apply<Log>(x); }

struct Tanh {
    static constexpr auto       name   = "tanh";
    static constexpr auto       domain = Interval{-3, 3};
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return V(1) - y * y; }
};
template <Term A> auto tanh(A const& x) { return apply<Tanh>(x); }

/// 1 / (1 + exp(-x)).
struct Sigmoid {
    static constexpr auto       name   = "sigmoid";
    static constexpr auto       domain = Interval{-4, 4};
    template <class V> static V f(V x) { return V(1) / (V(1) + exp(-x)); }
    template <class V> static V df(V, V y) { return y * (V(1) - y); }
};
template <Term A> auto sigmoid(A const& x) { return apply<Sigmoid>(x); }

/// max(x, 0), with the derivative 0 at 0; NaN stays NaN.
struct Relu {
    static constexpr auto       name   = "relu";
    static constexpr auto       domain = Interval{-2, 2};
    static constexpr double     kink   = 0;
    template <class V> static V f(V x) { return select(x <= V(0), V(0), x); }
    template <class V> static V df(V x, V) { return select(x > V(0), V(1), V(0)); }
};
template <Term A> auto relu(A const& x) { return apply<Relu>(x); }

struct Square {
    static constexpr auto       name   = "square";
    static constexpr auto       domain = Interval{-2, 2};
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) { return x + x; }
};
template <Term A> auto square(A const& x) { return apply<Square>(x); }

struct Sqrt {
    static constexpr auto       name   = "sqrt";
    static constexpr auto       domain = Interval{0.2, 4};
    template <class V> static V f(V x) { return sqrt(x); }
    template <class V> static V df(V, V y) { return V(0.5) / y; }
};
template <Term A> auto sqrt(A const& x) { return apply<Sqrt>(x); }

// ---- two arguments:  y = f(a, b),  {dy/da, dy/db} = df(a, b, y) -----------------------------------------------------
// Each operand is a term, a parameter, a number or an xtensor array, and one of them is a term.

struct Add {
    static constexpr auto             name   = "+";
    static constexpr auto             domain = Interval{-2, 2};
    template <class V> static V       f(V a, V b) { return a + b; }
    template <class V> static Pair<V> df(V, V, V) { return {V(1), V(1)}; }
};
struct Subtract {
    static constexpr auto             name   = "-";
    static constexpr auto             domain = Interval{-2, 2};
    template <class V> static V       f(V a, V b) { return a - b; }
    template <class V> static Pair<V> df(V, V, V) { return {V(1), V(-1)}; }
};
struct Multiply {
    static constexpr auto             name   = "*";
    static constexpr auto             domain = Interval{-2, 2};
    template <class V> static V       f(V a, V b) { return a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {b, a}; }
};
struct Divide {
    static constexpr auto             name   = "/";
    static constexpr auto             domain = Interval{0.5, 2};
    template <class V> static V       f(V a, V b) { return a / b; }
    template <class V> static Pair<V> df(V, V b, V y) { return {V(1) / b, -y / b}; }
};

// Of the same form as xtensor's operators, and more constrained, so that `x * array` is a term.
template <class A, class B>
requires Operands<std::remove_cvref_t<A>, std::remove_cvref_t<B>>
auto operator+(A&& a, B&& b) {
    if constexpr (requires { joined(a, b); }) return joined(a, b);  // a sum of projections is one: see projection.hpp
    else return apply<Add>(a, b);
}
template <class A, class B>
requires Operands<std::remove_cvref_t<A>, std::remove_cvref_t<B>>
auto operator-(A&& a, B&& b) { return apply<Subtract>(a, b); }
template <class A, class B>
requires Operands<std::remove_cvref_t<A>, std::remove_cvref_t<B>>
auto operator*(A&& a, B&& b) { return apply<Multiply>(a, b); }
template <class A, class B>
requires Operands<std::remove_cvref_t<A>, std::remove_cvref_t<B>>
auto operator/(A&& a, B&& b) { return apply<Divide>(a, b); }

using UnaryOps  = WithDomain<Negate, Exp, Log, Tanh, Sigmoid, Relu, Square, Sqrt>;
using BinaryOps = WithDomain<Add, Subtract, Multiply, Divide>;

}  // namespace unspool
