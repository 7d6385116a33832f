// `Var c = f * c0 + i * g;` records one node.  Here is the little of it that depends on the formula's type; shapes,
// broadcasting and errors are in statement.cpp, compiled once.
#pragma once
#include <array>
#include <initializer_list>
#include <span>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/autograd/formula/equation.hpp>
#include <unspool/autograd/statement/joined.hpp>
#include <unspool/autograd/statement/loops.hpp>
#include <unspool/autograd/statement/single.hpp>
#include <unspool/autograd/statement/symbol.hpp>
#include <unspool/autograd/statement/tangents.hpp>

namespace unspool::core {

/// All that statements of one type have in common.
struct FormulaType {
    Loop<float> forward32, reverse32;
    Loop<double> forward64, reverse64;
    std::span<Token const> tokens;
    std::span<Derivation const* const> derivations;  // one a token
    int leaves;
    std::span<Single const* const> singles;  // one a token, null for leaves and numbers
    bool any_bits;                           // registers may reach over the ends of arrays

    template <Real T> Loop<T> forward() const {
        if constexpr (std::same_as<T, float>) return forward32;
        else return forward64;
    }
    template <Real T> Loop<T> reverse() const {
        if constexpr (std::same_as<T, float>) return reverse32;
        else return reverse64;
    }
};

/// A leaf of a formula: a Var, or a parameter.
struct Leaf {
    Var var;
    Param const* param;
};

/// Some of the axes of an array, or all of them.  Negative ones count from the last.
struct Axes {
    bool all = true;  ///< then `list` is not looked at
    Dims list;        ///< as they were given

    Axes() = default;
    template <std::integral I> Axes(I axis) : all(false), list{static_cast<Index>(axis)} {}  ///< one axis
    Axes(std::initializer_list<Index> axes) : all(false), list(axes) {}                      ///< these
};

/// Are reduced axes dropped, or kept with size 1?
enum class Reduced : std::uint8_t { drop, keep };

/// What is made of a formula's values before they are stored.
struct Reduction {
    enum Kind : std::uint8_t { none, sum, mean };
    Kind kind = none;
    Axes axes;
    Reduced reduced            = Reduced::drop;
    std::optional<double> over = {};  // what a mean divides by, where that is not how many there are
};

Var record_statement(Tape&, FormulaType const&, std::span<Leaf const>, std::span<double const> numbers,
                     Reduction const&, Where);

// ---- a formula's type as tokens, its value as leaves and numbers ----------------------------------------------------

template <class E> struct Tokens { static constexpr std::array<Token, 1> list{{{Token::leaf}}}; };
template <> struct Tokens<Number> { static constexpr std::array<Token, 1> list{{{Token::number}}}; };

template <class Op, class... A> struct Tokens<Apply<Op, A...>> {
    static constexpr auto list = joined(Token{Token::operation, &operation_of<Op, sizeof...(A)>}, Tokens<A>::list...);
};

struct Gather {
    Tape& tape;
    Leaf* leaf;
    double* number;
    void operator()(Var const& x) { *leaf++ = {x, nullptr}; }
    void operator()(ParamRef p) { *leaf++ = {{}, p.param}; }
    template <Deferred E> void operator()(E const& e) { *leaf++ = {e.record(tape, e.where().inside()), nullptr}; }
    void operator()(Number c) { *number++ = c.value; }
    template <class Op, class A> void operator()(Apply<Op, A> const& e) { (*this)(e.a); }
    template <class Op, class A, class B> void operator()(Apply<Op, A, B> const& e) { (*this)(e.a), (*this)(e.b); }
    template <class Op, class A, class B, class C> void operator()(Apply<Op, A, B, C> const& e) {
        (*this)(e.a), (*this)(e.b), (*this)(e.c);
    }
};

/// Do all of a formula's operations take whatever lies behind the end of an array?
template <class E> inline constexpr bool takes_any_bits                               = true;
template <class Op, class... A> inline constexpr bool takes_any_bits<Apply<Op, A...>> = requires {
    requires Op::any_bits;
}
&&(takes_any_bits<A>&&...);

template <class E> constexpr FormulaType formula_type() {
    return {forward<E, float>,       reverse<E, float>, forward<E, double>, reverse<E, double>, Tokens<E>::list,
            DerivationList<E>::list, Count<E>::leaves,  Singles<E>::list,   takes_any_bits<E>};
}
template <class E> inline constexpr FormulaType type_of_formula = formula_type<E>();

/// What the loops know of a formula: any leaf is a Var to them, so that `a * x` and `x * y` are compiled once.
template <class E> struct Skeleton { using type = Var; };
template <> struct Skeleton<Number> { using type = Number; };
template <class Op, class... A> struct Skeleton<Apply<Op, A...>> {
    using type = Apply<Op, typename Skeleton<A>::type...>;
};

/// Records a formula, or a parameter, on this tape as one node; with a reduction, its sum or mean.
template <class E> Var record_on(Tape& tape, E const& e, Reduction const& reduction, Where where) {
    if constexpr (Deferred<E>)
        if (reduction.kind == Reduction::none) return e.record(tape, where);
    static_assert(Count<E>::leaves < max_streams, "a formula has at most 31 operands: assign a part of it to a Var");
    return attempted(tape, tape.mark(), [&] {
        if constexpr (has_surrogate<E>)
            if (tape.mechanisms.tangents) {
                auto const smooth = Smoothed{tape, where}(e);
                return reduction.kind == Reduction::none ? record_as_var(tape, smooth, where)
                                                         : record_on(tape, smooth, reduction, where);
            }
        std::array<Leaf, Count<E>::leaves> leaves{};
        std::array<double, Count<E>::numbers + 1> numbers{};
        Gather{tape, leaves.data(), numbers.data()}(e);
        return record_statement(tape, type_of_formula<typename Skeleton<E>::type>, leaves,
                                {numbers.data(), Count<E>::numbers}, reduction, where);
    });
}

// A sum or mean of a Var is what most programs end with.
extern template Var record_on(Tape&, Var const&, Reduction const&, Where);

template <class E> Var record_as_var(Tape& tape, E const& e, Where where) {
    if constexpr (std::same_as<E, Var>) return e;
    else if constexpr (std::same_as<E, Number>) return tape.constant(e.value, {}, where);
    else if constexpr (std::same_as<E, ParamRef>) return tape.lift(*e.param, where);
    else return record_on(tape, e, {}, where);
}

/// The same on the tape that a term knows.
template <Term E> Var record(E const& e, Reduction const& reduction, Where where) {
    static_assert(knows_tape<E>, "parameters alone know no tape: write tape.lift(W) for one of them, as in "
                                 "`Var y = exp(tape.lift(W));`; inside of a cell, x.tape() is the tape");
    if constexpr (knows_tape<E>) return record_on(tape_of(e, where), e, reduction, where);
    else return {};
}

/// The sum or mean of a term that waits for a tape.
template <class E> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] ReducedTerm {
    E term;
    Reduction reduction;
    Where at;

    Var record(Tape & tape, Where where) const { return record_on(tape, term, reduction, where); }
    Where where() const { return at; }
};
template <class E> struct is_formula<ReducedTerm<E>> : std::true_type {};

/// The sum or mean of a term: a Var, if it knows its tape, else another term.
template <Symbolic E> auto reduced(E const& e, Reduction const& reduction, Where where) {
    if constexpr (knows_tape<E>) return record(e, reduction, where);
    else return ReducedTerm<held_t<E>>{held(e, nullptr), reduction, where};
}

template <Formula E> Var::Var(E const& e, Where where) : Var(record(e, {}, where)) {}

}  // namespace unspool::core

namespace unspool {

using core::Axes, core::Reduced;

}  // namespace unspool
