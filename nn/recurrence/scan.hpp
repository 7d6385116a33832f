// The one loop over time: a recurrent network is a fold of its cell over a sequence.
#pragma once
#include <algorithm>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/recurrence/cell.hpp>
#include <unspool/nn/recurrence/masks.hpp>
#include <unspool/nn/recurrence/noise.hpp>
#include <unspool/nn/recurrence/outputs.hpp>
#include <unspool/nn/recurrence/recorder.hpp>
#include <unspool/nn/recurrence/state.hpp>

namespace unspool::core {

/// How a scan goes beyond the plain loop.
struct ScanOptions {
    std::string_view module        = {};       ///< in the path of what is recorded
    std::span<Index const> lengths = {};       ///< steps of each sequence of a padded batch; none: all there are
    Var mask                       = {};       ///< [T,B]: 0 for steps that a sequence does not have; none: it has all
    bool reverse                   = false;    ///< from the last step to the first
    bool state_may_change          = false;    ///< its shape, from step to step
    Index detach_every             = 0;        ///< gradients pass through at most so many steps of the state; 0: all
    StateNoise noise               = {};       ///< on the state: variational dropout and zoneout
    Recorder* record               = nullptr;  ///< takes down gates and states
};

/// What a scan gives.  A step that a sequence does not have, because it is shorter, leaves its state as it was, and its
/// output is 0; a scan in reverse starts from the last step that it has.
template <class State> struct Scanned {
    Outputs outputs;  ///< of each step; `stack(outputs)` makes them one Var [T,...]
    State state;      ///< after the last step
};

[[noreturn]] void tape_was_rewound(Where);      ///< by a cell, to before the scan: TapeError
[[noreturn]] void state_is_not_of_vars(Where);  ///< so that it cannot be masked or detached: ValueError

/// Steps there are in a sequence [T,...].  ShapeError if it is a scalar.
Index steps_in(Var const& xs, Where);
/// Sequences in a batch whose state gives this output; ShapeError if it is of one sequence, where there are lengths of several.
Index batch_of(Var const& output, ScanOptions const&, Where);
/// ShapeError if a step's input and the state's output are of batches, and those differ: the step might broadcast one of them.  A state
/// of one sequence stands for all.
void require_same_batch(Var const& x, Var const& h, Where);
/// ValueError unless it is not negative.
void require_detach_every(Index, Where);

/// ShapeError if a part of the state is not what it was, unless the first step broadcasts it.
void require_same_shapes(std::span<Var const> before, std::span<Var const> after, std::vector<std::string> const& names,
                         Index t, bool first, Where);
/// ShapeError unless all sequences have so many steps.
void require_same_steps(std::span<Var const> sequences, Index steps, Where);

/// `f` of each part of a state, or of the parts of two.
template <class State, class F> State of_parts(F f, Where where, State const& a, auto const&... others) {
    if constexpr (states::StateOfVars<State>) {
        auto out = states::parts(a);
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = f(out[k], states::parts(others)[k]...);
        return states::with_parts(a, out.data());
    } else {
        state_is_not_of_vars(where);
    }
}

/// The same state, as constants.
template <class State> State detached(State const& s, Where where = Where::here()) {
    return of_parts([&](Var const& part) { return part.detach(where); }, where, s);
}

/// Takes down the parts of a state, what the step recorded that has a name, and what the cell itself has to tell.
template <class C, class X, class State> void take_down(Recorder& to, Tape& tape, C& cell, Index t, NodeId first,
                                                        X const& x, State const& before, State const& after) {
    to.named(tape, first, t);
    if constexpr (requires { cell.record(to, t, x, before); }) {
        Pause const pause(tape);
        cell.record(to, t, x, before);
    }
    if constexpr (states::StateOfVars<State>) {
        auto const parts = states::parts(after);
        for (std::size_t k = 0; k < parts.size(); ++k) to.put(states::member_name(after, k), t, parts[k]);
    }
}

/// A scan on its way: what happens to the state around each step.
template <class C, class State> class Fold {
public:
    Fold(Tape& tape, C& cell, Masks const& masks, ScanOptions const& options, Where where)
        : tape_(tape)
        , cell_(cell)
        , masks_(masks)
        , options_(options)
        , noise_(options.noise, where)
        , where_(where)
        , begin_(tape.mark()) {
        require_detach_every(options.detach_every, where);
    }

    /// Step t, number k of those that are taken; `x()` is its input.  Gives the output, and changes the state.
    template <class X> Var step(Index t, Index k, X x, State& state) {
        Scope const here(tape_, t);
        NodeId const first = tape_.size();
        if (options_.detach_every > 0 && k > 0 && k % options_.detach_every == 0) state = detached(state, where_);
        auto const xt = x();
        if (k == 0 && !options_.state_may_change) require_batch_of(xt, output_of(state));
        State const seen = before_noise(state);
        std::optional<AtWeights::During> dropping;
        if (noise_.dropout().active()) dropping.emplace(tape_, noise_.dropout());
        State next = after_noise(stepped(cell_, xt, seen, where_, t), state);
        if (!tape_.reaches(begin_)) tape_was_rewound(where_);
        if constexpr (states::StateOfVars<State>)
            if (!options_.state_may_change)
                require_same_shapes(states::parts(state), states::parts(next), states::names<State>(), t, k == 0,
                                    where_);
        Var y = output_of(next);
        if (masks_.cuts(t)) y = masks_.clear(t, y), next = masked(t, next, state);
        if (options_.record) take_down(*options_.record, tape_, cell_, t, first, xt, seen, next);
        state = next;
        return y;
    }

    /// After the last step.
    void end() const {
        if (noise_.dropout().active()) noise_.dropout().require_met();
    }

private:
    template <class X> void require_batch_of(X const& x, Var const& h) {
        if constexpr (std::same_as<X, Var>) require_same_batch(x, h, where_);
        else of_inputs(x, [&](Var const& one) { return require_same_batch(one, h, where_), one; });
    }
    State masked(Index t, State const& next, State const& last) {
        return of_parts([&](Var const& a, Var const& b) { return masks_.choose(t, a, b); }, where_, next, last);
    }
    State before_noise(State const& s) {
        if (!noise_.active()) return s;
        std::size_t k = 0, h = states::part_of_output(s);
        return of_parts([&](Var const& part) { return k++ == h ? noise_.before(part) : part; }, where_, s);
    }
    State after_noise(State const& next, State const& last) {
        if (!noise_.active()) return next;
        std::size_t k = 0, h = states::part_of_output(next);
        auto after = [&](Var const& a, Var const& b) {
            std::size_t const part = k++;
            return noise_.after(part, part == h, a, b);
        };
        return of_parts(after, where_, next, last);
    }

    Tape& tape_;
    C& cell_;
    Masks const& masks_;
    ScanOptions const& options_;
    NoiseOnState noise_;
    Where where_;
    Tape::Mark begin_;
};

/// The loop: `x(t, outputs so far)` is the input of step t.
template <class C, class State, class X> Scanned<State> fold(Tape& tape, C& cell, Index steps, X x, State state,
                                                             Masks const& masks, ScanOptions const& options,
                                                             Where where) {
    auto const n       = static_cast<std::size_t>(steps);
    Var* const outputs = static_cast<Var*>(tape.arena().allocate(n * sizeof(Var), alignof(Var)));
    Fold<C, State> scan(tape, cell, masks, options, where);
    for (Index k = 0; k < steps; ++k) {
        Index const t = options.reverse ? steps - 1 - k : k;
        std::span<Var const> const so_far(options.reverse ? outputs + t + 1 : outputs, static_cast<std::size_t>(k));
        std::construct_at(outputs + t, scan.step(
                                           t, k, [&] { return x(t, so_far); }, state));
    }
    if (steps > 0) scan.end();
    return {Outputs(tape, {outputs, n}), state};
}

/// The masks of a scan from this state.
template <class State>
Masks masks_of(Tape& tape, Index steps, State const& state, ScanOptions const& options, Where where) {
    bool const all = options.lengths.empty() && options.mask.empty();
    return {tape, steps, all ? 0 : batch_of(output_of(state), options, where), options.lengths, options.mask, where};
}

/// While it lives, what is recorded is of a module, if there is one.
class [[nodiscard]] ModuleScope {
public:
    ModuleScope(Tape& tape, std::string_view module) {
        if (!module.empty()) scope_.emplace(tape, module);
    }

private:
    std::optional<Scope> scope_;
};

/// Runs a cell over a sequence xs [T,...], from a state: `auto [hs, h] = scan(gru, xs, h0);`.  What is recorded is
/// stamped with the time step and, where one is given, the module's name.  On a throw the tape is as it was before.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, Var xs, State state, ScanOptions const& options,
                                            Where where = Where::here()) {
    Index const steps = steps_in(xs, where);
    Tape& tape        = xs.tape(where);
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    Var const inputs  = masks.clear(xs);
    Scanning const scanning(inputs);
    return fold(
        tape, cell, steps, [&](Index t, std::span<Var const>) { return inputs[At(t, where)]; }, state, masks, options,
        where);
}
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, Var xs, State state, std::string_view module = {},
                                            Where where = Where::here()) {
    return scan(cell, xs, state, ScanOptions{.module = module}, where);
}

/// Anything else that is scanned: says what is missing.
template <class C, class X, class State, class... More>
requires(std::same_as<X, Var> || SeveralInputs<X>) &&
    (!Cell<C, State, X>)Scanned<State> scan(C&&, X const&, State const&, More const&...) {
    constexpr bool steps = Stepping<C, State, X>, has_output = !steps || HasOutput<State>;
    static_assert(steps, "scan(cell, xs, state) wants `State operator()(Var x, State s) const` of the cell, "
                         "with a Var x for each sequence, where State is the type of the given state");
    static_assert(has_output, "the state of a scan is a Var, or a struct of Vars, like `struct State { Var h, c; };`, "
                              "without references");
    return {};
}
/// Without a state: says which.
template <class C, class X>
requires(std::same_as<X, Var> || SeveralInputs<X>) Scanned<Var> scan(C&&, X const&) {
    static_assert(std::is_void_v<C>, "scan(cell, xs, state) wants the state to start from: cell.zeros(tape, batch)");
    return {};
}

/// The same over several sequences at once, in a tuple or a struct: `scan(cell, std::tuple(xs, times), h0)`.
template <class C, SeveralInputs Xs, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State, Xs> Scanned<State> scan(C&& cell, Xs const& xs, State state, ScanOptions const& options = {},
                                                Where where = Where::here()) {
    std::vector<Var> sequences;
    of_inputs(xs, [&](Var const& x) { return sequences.push_back(x), x; });
    Index const steps = steps_in(sequences[0], where);
    require_same_steps(sequences, steps, where);
    Tape& tape = sequences[0].tape();
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    Xs const inputs   = of_inputs(xs, [&](Var const& x) { return masks.clear(x); });
    auto const at     = [&](Index t, std::span<Var const>) {
        return of_inputs(inputs, [&](Var const& x) { return x[At(t, where)]; });
    };
    return fold(tape, cell, steps, at, state, masks, options, where);
}

/// The same over arrays that are not one sequence: the outputs of another scan, for instance.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, std::span<Var const> xs, State state,
                                            std::string_view module = {}, Where where = Where::here()) {
    if (xs.empty()) return {{}, state};
    Tape& tape = xs.front().tape();
    Attempt const attempt(tape);
    ModuleScope const path(tape, module);
    return fold(
        tape, cell, static_cast<Index>(xs.size()),
        [&](Index t, std::span<Var const>) { return xs[static_cast<std::size_t>(t)]; }, state,
        Masks(tape, 0, 0, {}, {}, where), ScanOptions{}, where);
}

/// The same where each input may depend on what came out before: `next(t, outputs so far)` gives the input of step t.  With
/// the target of the step before it, that is teacher forcing; with what the outputs say, a network that runs freely.
template <class C, class Next, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> && std::invocable<Next&, Index, std::span<Var const>> Scanned<State> unroll(
    Tape& tape, C&& cell, Index steps, State state, Next&& next, ScanOptions const& options = {},
    Where where = Where::here()) {
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    auto x            = [&](Index t, std::span<Var const> outputs) {
        Var const in = next(t, outputs);
        return masks.cuts(t) ? masks.clear(t, in) : in;
    };
    return fold(tape, cell, steps, x, state, masks, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::ScanOptions, core::scan, core::unroll;

}  // namespace unspool
