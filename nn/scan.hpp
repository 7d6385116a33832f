// The one loop over time: a recurrent network is a fold of its cell over a sequence.
#pragma once
#include <algorithm>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <unspool/autograd/tape.hpp>

namespace unspool {

/// What a step gives to the layers above: the state itself where it is one Var, else its member h.  For a state of
/// another form, declare an `output_of` beside it.
inline Var output_of(Var const& state) { return state; }
template <class State>
requires requires(State const& s) {
    { s.h } -> std::convertible_to<Var>;
}
Var output_of(State const& state) { return state.h; }

/// A step of recurrence: (Var x, State) -> State.
template <class C, class State> concept Cell = requires(C& cell, Var x, State s) {
    { cell(x, s) } -> std::convertible_to<State>;
    { output_of(s) } -> std::convertible_to<Var>;
};

/// What a scan gives.
template <class State> struct Scanned {
    std::span<Var const> outputs;  ///< of each step, in the tape's memory; `stack(outputs)` makes them one Var [T,...]
    State                state;    ///< after the last step
};

[[noreturn]] void tape_was_rewound(Where);  ///< by a cell, to before the scan: TapeError

/// Steps there are in a sequence [T,...].  ShapeError if it is a scalar.
Index steps_in(Var const& xs, Where);

/// One step.  A cell that wants to know the user's line, to name it in errors, takes it as a third argument.
template <class C, class State> State stepped(C& cell, Var x, State const& s, Where where) {
    if constexpr (std::invocable<C&, Var, State, Where>) return cell(x, s, where);
    else return cell(x, s);
}

/// The loop: `x(t)` is the input of step t.
template <class C, class State, class X> Scanned<State> fold(Tape& tape, C& cell, Index steps, X x, State state, Where where) {
    auto const n       = static_cast<std::size_t>(steps);
    Var* const outputs = static_cast<Var*>(tape.arena().allocate(n * sizeof(Var), alignof(Var)));
    auto const begin   = tape.mark();
    for (Index t = 0; t < steps; ++t) {
        Scope const step(tape, t);
        state = stepped(cell, x(t), state, where);
        if (!tape.reaches(begin)) tape_was_rewound(where);
        std::construct_at(outputs + t, output_of(state));
    }
    return {{outputs, n}, state};
}

/// Runs a cell over a sequence xs [T,...], from a state: `auto [hs, h] = scan(gru, xs, h0);`.  What is recorded is stamped
/// with the time step and, where one is given, the module's name.  On a throw the tape is as it was before.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, Var xs, State state, std::string_view module = {}, Where where = Where::here()) {
    Index const          steps = steps_in(xs, where);
    Tape&                tape  = xs.tape();
    Attempt const        attempt(tape);
    std::optional<Scope> path;
    if (!module.empty()) path.emplace(tape, module);
    Scanning const scanning(xs);
    return fold(
        tape, cell, steps, [&](Index t) { return xs[At(t, where)]; }, state, where);
}

/// The same over arrays that are not one sequence: the outputs of another scan, for instance.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, std::span<Var const> xs, State state, std::string_view module = {},
                                            Where where = Where::here()) {
    if (xs.empty()) return {{}, state};
    Tape&                tape = xs.front().tape();
    Attempt const        attempt(tape);
    std::optional<Scope> path;
    if (!module.empty()) path.emplace(tape, module);
    return fold(
        tape, cell, static_cast<Index>(xs.size()), [&](Index t) { return xs[static_cast<std::size_t>(t)]; }, state, where);
}

}  // namespace unspool
