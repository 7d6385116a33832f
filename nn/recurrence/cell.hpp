// What can be scanned: anything that takes an input and a state, and returns the next state.
#pragma once
#include <concepts>
#include <tuple>
#include <type_traits>
#include <unspool/nn/recurrence/state.hpp>

namespace unspool::core {

/// What a step gives to the layers above: the state itself where it is one Var, else its member h; of nested states the last h;
/// where nothing is called so, the first Var.  For another one, declare an `output_of` beside the state.
inline Var output_of(Var const& state) { return state; }
template <class State> concept HasH = requires(State const& s) {
    { s.h } -> std::convertible_to<Var>;
};
/// What a cell says to the outside: the member h of its state.
template <HasH State> Var output_of(State const& state) { return state.h; }
/// Of a state without one: the part that is called "….h", else the first.
template <states::StateOfVars State>
requires(!HasH<State>) Var output_of(State const& state) { return states::parts(state)[states::part_of_output(state)]; }

/// What a cell of several inputs takes: their sequences in a tuple, or in a struct of Vars, from which it gets the elements of a step.
template <class X> struct IsTuple : std::false_type {};
template <class... X> struct IsTuple<std::tuple<X...>> : std::bool_constant<(std::same_as<X, Var> && ...)> {};
template <class X> concept SeveralInputs = IsTuple<X>::value ||(states::StateOfVars<X> && !std::same_as<X, Var>);

/// A step of recurrence: `(Var x, State) -> State`, or `(Var x, Var more, State)` for a tuple of two sequences; who wants to know which
/// step it is takes its number as one more, `(Var x, State, Index t)`, and who wants to name the user's line in errors, a `Where`.
template <class C, class State, class... X> concept TakesStep = requires(C& cell, State const& s, X... x) {
    { cell(x..., s) } -> std::convertible_to<State>;
}
|| requires(C& cell, State const& s, X... x) {
    { cell(x..., s, Index{}) } -> std::convertible_to<State>;
};
template <class C, class State, class X> struct TakesTuple : std::false_type {};
template <class C, class State, class... X> struct TakesTuple<C, State, std::tuple<X...>>
    : std::bool_constant<TakesStep<C, State, X...>> {};

template <class C, class State, class X> concept Stepping = TakesStep<C, State, X> || TakesTuple<C, State, X>::value;
template <class State> concept HasOutput                  = std::copyable<State> && requires(State s) {
                     { output_of(s) } -> std::convertible_to<Var>;
};
template <class C, class State, class X = Var> concept Cell = Stepping<C, State, X> && HasOutput<State>;

/// One step: behind the state, a cell gets the user's line or the step's number, if it takes one of them.
template <class C, class State, class... X>
State stepped_with(C& cell, State const& s, Index t, Where where, X const&... x) {
    if constexpr (std::invocable<C&, X..., State, Where>) return cell(x..., s, where);
    else if constexpr (std::invocable<C&, X..., State, Index>) return cell(x..., s, t);
    else return cell(x..., s);
}
template <class C, class X, class State> State stepped(C& cell, X const& x, State const& s, Where where, Index t = 0) {
    if constexpr (TakesTuple<C, State, X>::value)
        return std::apply([&](auto const&... each) { return stepped_with(cell, s, t, where, each...); }, x);
    else return stepped_with(cell, s, t, where, x);
}

/// f of each of several inputs, in a tuple or struct like theirs.
template <class X, class F> X of_inputs(X const& xs, F const& f) {
    if constexpr (IsTuple<X>::value) {
        return std::apply([&](auto const&... x) { return X{f(x)...}; }, xs);
    } else {
        auto out = states::parts(xs);
        for (Var& x : out) x = f(x);
        return states::with_parts(xs, out.data());
    }
}

}  // namespace unspool::core

namespace unspool {

using core::output_of;

}  // namespace unspool
