// The elementwise language:   Term ::= Var | Apply<Op, Operand...>     Operand ::= Term | Param | number | array
// One operand at least is a term or a Param.
// A term is a value.  It holds handles, never references to arrays, so `auto e = a * b;` is safe.
#pragma once
#include <concepts>
#include <ios>
#include <type_traits>
#include <unspool/autograd/tape/tape.hpp>
#include <xtensor/xexpression.hpp>

namespace unspool::core {

/// Where an operation may be checked: both ends are safely inside its domain.
struct Interval {
    /// Both ends.
    double low, high;
};

/// The derivatives of an operation of two or three arguments.
template <class V> struct Pair { V da, db; };
template <class V> struct Triple { V da, db, dc; };

/// A call of an elementwise operation.  `Op` declares
///     name      how it is written: an infix operator, or a function's name
///     domain    an Interval, to check it in; for several arguments it holds for each
///     about     what a reader wants to know
///     f         f(x), f(a, b) or f(a, b, c), for any value type V with arithmetic: a register of floats, or of doubles
///     df        dy/dx as df(x, y), or all derivatives as df(a, b, y) or df(a, b, c, y): in terms of the arguments and the result
/// or, in place of df, if nothing passes where the derivative is zero, whatever the adjoint g of y, and the derivatives further down:
///     pull      the adjoints of the arguments as pull(g, x, y), pull(g, a, b, y) or pull(g, a, b, c, y)
/// and may declare, for the checks,
///     kinks     of one argument: where f is continuous but has no derivative
///     jumps     of one argument: where f is not continuous
///     surrogate true: the derivative is not that of f, on purpose.  A gradient check takes it as it is, and checks all around it
/// for arrays whose sizes are no whole registers
///     any_bits  true: f and the derivatives end soon, whatever they are given, numbers or not.  Registers then reach over the ends of arrays,
///               which takes less time; else the last elements are copied to where only copies of them stand beside them
/// for programs in C (operation.hpp)
///     c         how it is written there
/// and, where df or pull do with a register what a Symbol cannot (symbol.hpp), such as looking at its elements,
///     differentiable_once  true: to differentiate it twice is a TypeError
template <class Op, class... Args> struct Apply;
/// What `if (a > 0)` says.
template <class Term> bool truth_of() {
    static_assert(!is_formula<Term>::value,
                  "a term is no condition, it has a value for each element: for one of a scalar "
                  "write `if (Var(term).item() != 0)`, else where(mask, a, b)");
    return false;
}
template <class Op, class A> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Apply<Op, A> {
    A a;
    explicit operator bool() const { return truth_of<Apply>(); }
};
template <class Op, class A, class B>
struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Apply<Op, A, B> {
    A a;
    B b;
    explicit operator bool() const { return truth_of<Apply>(); }
};
template <class Op, class A, class B, class C>
struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Apply<Op, A, B, C> {
    A a;
    B b;
    C c;
    explicit operator bool() const { return truth_of<Apply>(); }
};
template <class Op, class... A> struct is_formula<Apply<Op, A...>> : std::true_type {};

/// A number in a term.
struct Number {
    double value;
};
/// A parameter in a term.
struct ParamRef {
    Param const* param;
};

/// A leaf that becomes a node of its own when the term it stands in is recorded: a product that no one has carried out yet.
template <class E> concept Deferred = Formula<E> && requires(E const& e, Tape& tape, Where where) {
    { e.record(tape, where) } -> std::same_as<Var>;
    { e.where() } -> std::same_as<Where>;
};

/// A Var, or an elementwise expression that no one has recorded yet.
template <class T> concept Term     = std::same_as<T, Var> || Formula<T>;
template <class T> concept Symbolic = Term<T> || std::same_as<T, Param>;
template <class T> concept Scalar   = std::is_arithmetic_v<T>;
template <class T> concept Plain    = xt::is_xexpression<T>::value;
template <class T> concept Operand  = Symbolic<T> || Scalar<T> || Plain<T>;

/// Operands that make a term: at least one is a term or a parameter.  A constant, of which compilers do not tell the parts.
template <class... X> inline constexpr bool are_operands = (Operand<std::remove_cvref_t<X>> && ...) &&
                                                           (Symbolic<std::remove_cvref_t<X>> || ...);
template <class... X> concept Operands = are_operands<X...>;

/// One that is, beside what is none: a text, a state, a function that was not called.
template <class A, class B> concept ForeignOperands =
    (Symbolic<std::remove_cvref_t<A>> ||
     Symbolic<std::remove_cvref_t<B>>)&&Operand<std::remove_cvref_t<A>> != Operand<std::remove_cvref_t<B>>;

/// Does an operand know which tape it is on?  A term of parameters and numbers alone, `exp(a) * b`, waits for another that
/// does, beside which it is recorded.
template <class X> inline constexpr bool knows_tape                               = false;
template <> inline constexpr bool knows_tape<Var>                                 = true;
template <class Op, class... A> inline constexpr bool knows_tape<Apply<Op, A...>> = (knows_tape<A> || ...);

template <class A, class... B> auto const& first_on_tape(A const& a, B const&... b) {
    if constexpr (knows_tape<A>) return a;
    else return first_on_tape(b...);
}

inline Tape& tape_of(Var const& x, Where where) { return x.tape(where); }
template <class Op, class A> Tape& tape_of(Apply<Op, A> const& e, Where where) { return tape_of(e.a, where); }
template <class Op, class A, class B> Tape& tape_of(Apply<Op, A, B> const& e, Where where) {
    return tape_of(first_on_tape(e.a, e.b), where);
}
template <class Op, class A, class B, class C> Tape& tape_of(Apply<Op, A, B, C> const& e, Where where) {
    return tape_of(first_on_tape(e.a, e.b, e.c), where);
}

// An operand as a term holds it, beside another.  A plain array is copied to the other's tape at once, as a
// constant, so that nothing can dangle.
template <class B, Term X> X const& held(X const& x, B const&) { return x; }
template <class B, Scalar X> Number held(X x, B const&) { return {static_cast<double>(x)}; }
template <class B> ParamRef held(Param const& p, B const&) { return {&p}; }
template <class E> Tape* tape_if_any(E const& e) try { return &tape_of(e, {}); } catch (TapeError const&) {
    return nullptr;
}
template <class B, Plain X> Var held(X const& x, B const& beside) {
    if (x.dimension() > Shape::max_rank)
        return Var(Var::Lacks::axes);  // an error where the term is used: here no line is known
    Tape* const tape = tape_if_any(beside);
    return tape ? tape->constant(x) : Var(Var::Lacks::tape);
}
template <class X> using held_t =
    std::remove_cvref_t<decltype(held(std::declval<X const&>(), std::declval<Var const&>()))>;

/// A term of any elementwise operation, `apply<op::Hypot>(x, y)`: shapes broadcast when it is recorded.  The operands are
/// Vars, terms, parameters, numbers and arrays; an array beside parameters alone does not compile.
template <class Op, class... A>
requires Operands<A...>
auto apply(A const&... a) {
    if constexpr ((knows_tape<A> || ...)) {
        [[maybe_unused]] auto const& beside = first_on_tape(a...);
        return Apply<Op, held_t<A>...>{held(a, beside)...};
    } else {
        static_assert((!Plain<A> && ...), "an array beside parameters alone: there is no tape to put it on yet; "
                                          "write tape.constant(array), or tape.lift(parameter)");
        return Apply<Op, held_t<A>...>{held(a, nullptr)...};
    }
}

// What reads like a condition or a change, and is none.
template <class A, class B>
requires Operands<A, B>
void operator&&(A const&, B const&) = delete;  // of masks of 0 and 1, write `a * b`
template <class A, class B>
requires Operands<A, B>
void operator||(A const&, B const&)            = delete;  // of masks of 0 and 1, write `maximum(a, b)`
template <Symbolic A> void operator!(A const&) = delete;  // of a mask of 0 and 1, write `1 - a`
template <Symbolic A, class B>
void operator+=(A&, B const&) = delete;  // values do not change: `a = a + b`, or `W.assign(x)`
template <Symbolic A, class B>
void operator-=(A&, B const&) = delete;  // values do not change: `a = a - b`, or `W.assign(x)`
template <Symbolic A, class B>
void operator*=(A&, B const&) = delete;  // values do not change: `a = a * b`, or `W.assign(x)`
template <Symbolic A, class B>
void operator/=(A&, B const&) = delete;  // values do not change: `a = a / b`, or `W.assign(x)`

/// A term cannot be printed: it has no value until it is recorded.
template <class Stream, Formula E>
requires std::derived_from<Stream, std::ios_base> Stream& operator<<(Stream& out, E const&) {
    static_assert(!is_formula<E>::value, "a term has no value until it is assigned to a Var: print Var(term)");
    return out;
}

}  // namespace unspool::core

namespace unspool {

using core::Interval, core::Term, core::apply;

}  // namespace unspool
