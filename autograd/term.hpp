// The elementwise language:   Term ::= Var | Apply<Op, Operand...>     Operand ::= Term | Param | number | array
// A term is a value.  It holds handles, never references to arrays, so `auto e = a * b;` is safe.
#pragma once
#include <concepts>
#include <type_traits>
#include <unspool/autograd/tape.hpp>
#include <xtensor/xexpression.hpp>

namespace unspool {

/// Where an operation may be checked: both ends are safely inside its domain.
struct Interval {
    double low, high;
};

/// The derivatives of an operation of two arguments.
template <class V> struct Pair { V da, db; };

/// A call of an elementwise operation.  `Op` declares
///     name      how it is written: an infix operator, or a function's name
///     domain    an Interval, to check it in; for two arguments it holds for both
///     f         f(x) or f(a, b), for any value type V with arithmetic: a register of floats, or of doubles
///     df        dy/dx as df(x, y), or both derivatives as df(a, b, y): in terms of the arguments and the result
/// and may declare
///     kink      where f is continuous but has no derivative
template <class Op, class... Args> struct Apply;
template <class Op, class A> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Apply<Op, A> { A a; };
template <class Op, class A, class B> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Apply<Op, A, B> {
    A a;
    B b;
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
template <class E> concept Deferred = Formula<E> && requires(E const& e, Where where) {
    { e.record(where) } -> std::same_as<Var>;
    { e.where() } -> std::same_as<Where>;
};

template <class T> concept Term    = std::same_as<T, Var> || Formula<T>;
template <class T> concept Scalar  = std::is_arithmetic_v<T>;
template <class T> concept Plain   = xt::is_xexpression<T>::value;
template <class T> concept Operand = Term<T> || std::same_as<T, Param> || Scalar<T> || Plain<T>;

/// Two operands that make a term: at least one is a term already, so that the tape is known.
template <class A, class B> concept Operands = Operand<A> && Operand<B> &&(Term<A> || Term<B>);

inline Tape&                                tape_of(Var const& x) { return x.tape(); }
template <class Op, class A> Tape&          tape_of(Apply<Op, A> const& e) { return tape_of(e.a); }
template <class Op, class A, class B> Tape& tape_of(Apply<Op, A, B> const& e) {
    if constexpr (Term<A>) return tape_of(e.a);
    else return tape_of(e.b);
}

// An operand as a term holds it, beside its neighbour.  A plain array is copied to the neighbour's tape at once, as a
// constant, so that nothing can dangle.
template <class B, Term X> X const& held(X const& x, B const&) { return x; }
template <class B, Scalar X> Number held(X x, B const&) { return {static_cast<double>(x)}; }
template <class B> ParamRef         held(Param const& p, B const&) { return {&p}; }
template <class B, Plain X> Var     held(X const& x, B const& beside) { return tape_of(beside).constant(x); }
template <class X> using held_t = std::remove_cvref_t<decltype(held(std::declval<X const&>(), std::declval<Var const&>()))>;

template <class Op, Term A> auto apply(A const& a) { return Apply<Op, A>{a}; }
template <class Op, class A, class B>
requires Operands<A, B>
auto apply(A const& a, B const& b) { return Apply<Op, held_t<A>, held_t<B>>{held(a, b), held(b, a)}; }

}  // namespace unspool
