// Comparisons as masks of 0 and 1, choices by a mask, and other functions made of steps: nothing passes through a step on
// the way back, whatever stands above it.
#pragma once
#include <unspool/ops/elementwise/list.hpp>

namespace unspool::core {

// ---- steps ----------------------------------------------------------------------------------------------------------

/// What has a derivative of zero.
struct Step : AnyBits {
    static constexpr auto domain = Interval{-2.4, 2.4};
    template <class V> static V pull(V, V, V) { return V(0); }
    template <class V> static Pair<V> pull(V, V, V, V) { return {V(0), V(0)}; }
};

struct Sign : Step {
    static constexpr auto name      = "sign";
    static constexpr auto c         = "return x > 0 ? 1 : x < 0 ? -1 : x;";
    static constexpr double jumps[] = {0};
    static constexpr About about{"−1, 0 or 1", "0", "Var y = sign(x);", "NaN stays NaN", "0 at the jump"};
    template <class V> static V f(V x) { return select(x > V(0), V(1), select(x < V(0), V(-1), x)); }
};
template <Symbolic A> auto sign(A const& x) { return apply<Sign>(x); }

struct Floor : Step {
    static constexpr auto name      = "floor";
    static constexpr auto c         = "floor";
    static constexpr double jumps[] = {-2, -1, 0, 1, 2};
    static constexpr About about{"the greatest integer ≤ x", "0", "Var y = floor(x);", "", "0 at the jumps"};
    template <class V> static V f(V x) { return floor(x); }
};
template <Symbolic A> auto floor(A const& x) { return apply<Floor>(x); }

struct Round : Step {
    static constexpr auto name      = "round";
    static constexpr auto c         = "nearbyint";
    static constexpr double jumps[] = {-1.5, -0.5, 0.5, 1.5};
    static constexpr About about{"the nearest integer; halves go to the even one", "0", "Var y = round(x);", "",
                                 "0 at the jumps"};
    template <class V> static V f(V x) { return nearbyint(x); }
};
template <Symbolic A> auto round(A const& x) { return apply<Round>(x); }

// ---- comparisons:  1 where it is true, else 0 -----------------------------------------------------------------------

struct Less : Step {
    static constexpr auto name = "<";
    static constexpr auto c    = "less: return a < b ? 1 : 0;";
    static constexpr About about{"1 where a < b, else 0", "0, 0", "Var y = a < b;", "0 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a < b, V(1), V(0)); }
};
struct LessEqual : Step {
    static constexpr auto name = "<=";
    static constexpr auto c    = "less_equal: return a <= b ? 1 : 0;";
    static constexpr About about{"1 where a ≤ b, else 0", "0, 0", "Var y = a <= b;", "0 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a <= b, V(1), V(0)); }
};
struct Greater : Step {
    static constexpr auto name = ">";
    static constexpr auto c    = "greater: return a > b ? 1 : 0;";
    static constexpr About about{"1 where a > b, else 0", "0, 0", "Var y = a > b;", "0 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a > b, V(1), V(0)); }
};
struct GreaterEqual : Step {
    static constexpr auto name = ">=";
    static constexpr auto c    = "greater_equal: return a >= b ? 1 : 0;";
    static constexpr About about{"1 where a ≥ b, else 0", "0, 0", "Var y = a >= b;", "0 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a >= b, V(1), V(0)); }
};
struct Equal : Step {
    static constexpr auto name = "equal";
    static constexpr auto c    = "return a == b ? 1 : 0;";
    static constexpr About about{"1 where a = b, else 0", "0, 0", "Var y = equal(a, b);", "0 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a == b, V(1), V(0)); }
};
struct NotEqual : Step {
    static constexpr auto name = "not_equal";
    static constexpr auto c    = "return a != b ? 1 : 0;";
    static constexpr About about{"1 where a ≠ b, else 0", "0, 0", "Var y = not_equal(a, b);", "1 where a or b is NaN",
                                 "0, 0 at the jump"};
    template <class V> static V f(V a, V b) { return select(a == b, V(0), V(1)); }
};

template <class A, class B>
requires Operands<A, B>
auto operator<(A&& a, B&& b) { return apply<Less>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator<=(A&& a, B&& b) { return apply<LessEqual>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator>(A&& a, B&& b) { return apply<Greater>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator>=(A&& a, B&& b) { return apply<GreaterEqual>(a, b); }
template <class A, class B>
requires ForeignOperands<A, B>
void operator<(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator<=(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator>(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires ForeignOperands<A, B>
void operator>=(A const&, B const&) = delete;  // operands are Vars, terms, Params, numbers and arrays
template <class A, class B>
requires Operands<A, B>
auto equal(A&& a, B&& b) { return apply<Equal>(a, b); }
template <class A, class B>
requires Operands<A, B>
auto not_equal(A&& a, B&& b) { return apply<NotEqual>(a, b); }

// ---- choices --------------------------------------------------------------------------------------------------------

/// The branch that is not taken receives zero, and it stays zero down to its leaves: `where(x > 0, log(x), 0)`, in one
/// statement, has a right gradient where x <= 0.
struct Choose : AnyBits {
    static constexpr auto name   = "where";
    static constexpr auto c      = "return a != 0 ? b : c;";
    static constexpr auto domain = Interval{-2, 2};
    static constexpr About about{
        "a where mask ≠ 0, else b", "0; 1, 0 where mask ≠ 0; 0, 1 elsewhere", "Var y = where(x > 0, log(x), 0);",
        "the branch that is not taken may be infinite or NaN, and so may its derivatives; a mask of NaN takes a; "
        "masked_fill(x, mask, value) is where(mask, value, x)"};
    template <class V> static V f(V mask, V a, V b) { return select(mask == V(0), b, a); }
    template <class V> static Triple<V> pull(V g, V mask, V, V, V) {
        return {V(0), select(mask == V(0), V(0), g), select(mask == V(0), g, V(0))};
    }
};
template <class M, class A, class B>
requires Operands<M, A, B>
auto where(M&& mask, A&& a, B&& b) { return apply<Choose>(mask, a, b); }

/// x where the mask is 0, else the value: `masked_fill(x, mask, value)` is `where(mask, value, x)`.
template <class X, class M, class V>
requires Operands<M, V, X>
auto masked_fill(X&& x, M&& mask, V&& value) { return apply<Choose>(mask, value, x); }

/// The straight-through estimator (Bengio et al., 2013): `straight_through(x, round(x))` is rounded, and is differentiated
/// as if it were not.
struct StraightThrough : AnyBits {
    static constexpr auto name      = "straight_through";
    static constexpr auto c         = "(void)a; return b;";
    static constexpr auto domain    = Interval{-2, 2};
    static constexpr bool surrogate = true;
    static constexpr About about{"b", "1, 0: not those of b, on purpose", "Var y = straight_through(x, round(x));"};
    template <class V> static V f(V, V b) { return b; }
    template <class V> static Pair<V> pull(V g, V, V, V) { return {g, V(0)}; }
};
template <class A, class B>
requires Operands<A, B>
auto straight_through(A&& a, B&& b) { return apply<StraightThrough>(a, b); }

/// What a neuron fires when its potential is above 0, with the derivative of a fast sigmoid in place of its own (Zenke and Ganguli
/// 2018, "SuperSpike"): the larger the slope, the narrower it is.  `Var s = spike(v - threshold, 25);`
struct Spike : AnyBits {
    static constexpr auto name      = "spike";
    static constexpr auto c         = "(void)b; return a > 0 ? 1 : a <= 0 ? 0 : a;";
    static constexpr auto domain    = Interval{0.1, 2};
    static constexpr bool surrogate = true;
    static constexpr About about{"1 where x > 0, else 0", "1 / (1 + slope |x|)², 0: not its own, on purpose",
                                 "Var s = spike(x, 25);", "NaN stays NaN"};
    template <class V> static V f(V x, V) { return select(x > V(0), V(1), select(x <= V(0), V(0), x)); }
    template <class V> static Pair<V> df(V x, V slope, V) {
        V const height = V(1) / (V(1) + slope * abs(x));
        return {height * height, V(0)};
    }
};
template <class X, class S>
requires Operands<X, S>
auto spike(X&& x, S&& slope) { return apply<Spike>(x, slope); }

using UnarySteps     = WithDomain<Sign, Floor, Round>;
using BinaryChoices  = WithDomain<Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, StraightThrough, Spike>;
using TernaryChoices = WithDomain<Choose>;

}  // namespace unspool::core

namespace unspool {

using core::equal, core::floor, core::masked_fill, core::not_equal, core::round, core::sign, core::spike,
    core::straight_through, core::where;

}  // namespace unspool
