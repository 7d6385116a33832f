// The one loop over time: a recurrent network is a fold of its cell over a sequence.
#pragma once
#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/nn/recurrence/fold.hpp>
#include <unspool/nn/recurrence/recomputed.hpp>
#include <unspool/nn/recurrence/reused_steps.hpp>
#include <vector>

namespace unspool::core {

/// What the loop leaves.
template <class State> struct Folded {
    Outputs outputs;
    State state;
    Var loss = {};

    operator Scanned<State>() const { return {outputs, state}; }
};

/// The loop, over steps of which few are kept.
template <class C, class State, class X>
Folded<State> fold_recomputed(RecomputableSteps const& how, std::remove_reference_t<C>& cell, X const& x, State state) {
    if constexpr (states::StateOfVars<State>) {
        auto const steps = std::make_shared<StepsOf<C, State, X>>(how, Twice<C>(cell), x, state);
        auto const start = states::parts(state);
        std::vector<Var> parts(start.begin(), start.end());
        if (how.loss) parts.emplace_back();
        take_recomputed(steps, parts);
        Var const loss = how.loss ? parts.back() : Var();
        auto const n   = how.out.each ? static_cast<std::size_t>(how.out.steps) : 0;
        return {Outputs(how.tape, {how.out.each, n}), steps->last(parts), loss};
    } else {
        state_is_not_of_vars(how.where);
    }
}

/// The elements of a sequence, or of several at once.
template <class Xs> struct Elements {
    Xs xs;
    Where where;

    Xs operator()(Index t, std::span<Var const>) const {
        if constexpr (std::same_as<Xs, Var>) return xs[At(t, where)];
        else return of_inputs(xs, [&](Var const& x) { return x[At(t, where)]; });
    }
};

/// All steps, in one memory where no one can tell.
template <class C, class State, class X> void take_all_steps(Tape& tape, C& cell, Fold<C, State>& scan,
                                                             NoiseOnState const& noise, X const& x, StepOutputs& out,
                                                             State& state, ScanOptions const& options, Where where) {
    if constexpr (CellThatForgets<std::remove_const_t<C>> && states::StateOfVars<State> &&
                  std::same_as<X, Elements<Var>>) {
        bool forgets = out.each && ReusedSteps::possible(tape, options, noise);
        if constexpr (requires { cell.forgets(); }) forgets = forgets && cell.forgets();
        if (forgets) return take_steps_in_one_memory(tape, scan, x, out, state, where);
    }
    take_steps(scan, 0, out.steps, x, out, state);
}

/// The loop: `x(t, outputs so far)` is the input of step t, an element of `sequence`, if there is one.  With a loss of each step, outputs
/// are not kept.
template <class C, class State, class X> Folded<State> fold(Tape& tape, std::remove_reference_t<C>& cell, Index steps,
                                                            X const& x, State state, Masks const& masks,
                                                            ScanOptions const& options, Where where, Var sequence = {},
                                                            StepLoss const* loss = nullptr) {
    StepOutputs out{steps, options.reverse, nullptr, loss};
    if (!loss) out.each = memory_of_outputs(tape, steps);
    if (options.recomputes()) {
        RecomputableSteps how(tape, masks, options, out, where);
        how.sequence = sequence;
        return fold_recomputed<C>(how, cell, x, state);
    }
    NoiseOnState noise(options.noise, where);
    Fold<std::remove_reference_t<C>, State> scan(tape, cell, masks, noise, options, where);
    take_all_steps(tape, cell, scan, noise, x, out, state, options, where);
    if (steps > 0) noise.end();
    return {Outputs(tape, {out.each, out.each ? static_cast<std::size_t>(steps) : 0}), state, out.total};
}

/// What is asked for step by step.
template <class Next> struct AskedFor {
    Twice<Next> next;
    Masks masks;
    Where where;
    bool mutable again = false;

    Var operator()(Index t, std::span<Var const> outputs) const {
        Var const in = asked(next.get(again), t, outputs);
        return masks.cuts(t) ? masks.clear(t, in) : in;
    }

private:
    static Var asked(std::remove_reference_t<Next>& next, Index t, std::span<Var const> outputs) {
        if constexpr (std::invocable<Next&, Index, std::span<Var const>>) return next(t, outputs);
        else return next(t);
    }
};

// Each scan names the step, which is called from far below: so a compiler tells what is wrong with it in few lines.

/// Runs a cell over a sequence xs [T,...], from a state: `auto [hs, h] = scan(gru, xs, h0);`.  What is recorded is
/// stamped with the time step and, where one is given, the module's name.  On a throw the tape is as it was before.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, Var xs, State state, ScanOptions const& options,
                                            Where where = Where::here()) {
    [[maybe_unused]] constexpr auto step = &stepped_with<std::remove_reference_t<C>, State, Var>;
    Index const steps                    = steps_in(xs, where);
    Tape& tape                           = xs.tape(where);
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    Var const inputs  = masks.clear(xs);
    Scanning const scanning(inputs, options.reverse);
    return fold<C>(tape, cell, steps, Elements<Var>{inputs, where}, state, masks, options, where, inputs);
}
/// With no option but the name of a module.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, Var xs, State state, std::string_view module = {},
                                            Where where = Where::here()) {
    [[maybe_unused]] constexpr auto step = &stepped_with<std::remove_reference_t<C>, State, Var>;
    return scan(cell, xs, state, ScanOptions{.module = module}, where);
}

/// What a cell is scanned over: a sequence, several at once, or arrays that are none.
template <class X> concept ScannedOver =
    std::convertible_to<X const&, Var> || std::convertible_to<X const&, std::span<Var const>> || SeveralInputs<X>;
template <class C, class State, class X> concept Scannable = ScannedOver<X> &&
    ((SeveralInputs<X> && Cell<C, State, X>) || (!SeveralInputs<X> && Cell<C, State>));

/// Anything else that is scanned: says what is missing.
template <class C, class X, class State, class... More>
requires(ScannedOver<X> || ScannedOver<State> || ScannedOver<std::remove_cvref_t<C>>) &&
    (!Scannable<C, State, X>)Scanned<std::conditional_t<HasOutput<State>, State, Var>> scan(C&&, X const&, State const&,
                                                                                            More const&...) {
    constexpr bool in_order   = ScannedOver<X>;
    constexpr bool steps      = !in_order || Stepping<C, State, std::conditional_t<SeveralInputs<X>, X, Var>>;
    constexpr bool has_output = !in_order || !steps || HasOutput<State>;
    static_assert(in_order, "scan(cell, xs, state) wants the cell first, then a Var xs [T,...], or a std::tuple of "
                            "several, and then the state to start from");
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
    Tape& tape = sequences[0].tape(where);
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    Xs const inputs   = of_inputs(xs, [&](Var const& x) { return masks.clear(x); });
    return fold<C>(tape, cell, steps, Elements<Xs>{inputs, where}, state, masks, options, where);
}

/// The same over arrays that are not one sequence: the outputs of another scan, for instance.
template <class C, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> Scanned<State> scan(C&& cell, std::span<Var const> xs, State state,
                                            std::string_view module = {}, Where where = Where::here()) {
    if (xs.empty()) return {{}, state};
    Tape& tape = xs.front().tape(where);
    Attempt const attempt(tape);
    ModuleScope const path(tape, module);
    auto const at = [&](Index t, std::span<Var const>) { return xs[static_cast<std::size_t>(t)]; };
    return fold<C>(tape, cell, static_cast<Index>(xs.size()), at, state, Masks(tape, 0, 0, {}, {}, where),
                   ScanOptions{}, where);
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
    AskedFor<Next&> const x{Twice<Next&>(next, options.recomputes()), masks, where};
    return fold<C>(tape, cell, steps, x, state, masks, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::Scanned, core::ScanOptions, core::scan, core::unroll;

}  // namespace unspool
