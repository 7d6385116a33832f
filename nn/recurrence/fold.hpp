// A scan on its way: its options, and what happens around each step.
#pragma once
#include <algorithm>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/recurrence/bytes.hpp>
#include <unspool/nn/recurrence/cell.hpp>
#include <unspool/nn/recurrence/masks.hpp>
#include <unspool/nn/recurrence/noise.hpp>
#include <unspool/nn/recurrence/outputs.hpp>
#include <unspool/nn/recurrence/recompute_plan.hpp>
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
    Bytes memory                   = {};  ///< for what the scan keeps: what does not fit is computed again. 0: all fits
    Index recompute_every          = 0;   ///< the states between so many steps are all that is kept of them. 0: all is
    RecomputePlan* plan            = nullptr;  ///< takes down what was chosen

    bool recomputes() const {
        return memory.count > 0 || recompute_every != 0;
    }  ///< is anything computed again on the way back?
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
/// ShapeError if the output of the first step is of a batch, and that of the state before was of one sequence: for scans with lengths.
void require_batch_axis(Var const& before, Var const& after, ScanOptions const&, Where);
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
    Fold(Tape& tape, C& cell, Masks const& masks, NoiseOnState& noise, ScanOptions const& options, Where where)
        : tape_(tape)
        , cell_(cell)
        , masks_(masks)
        , options_(options)
        , noise_(noise)
        , where_(where)
        , begin_(tape.mark()) {
        require_detach_every(options.detach_every, where);
    }

    /// Step t, number k of those that are taken; `x()` is its input.  Gives the output, and changes the state.
    template <class X> Var step(Index t, Index k, X x, State& state) {
        Scope const here(tape_, t);
        NodeId const first = tape_.size();
        if (options_.detach_every > 0 && tape_.recording() && k > 0 && k % options_.detach_every == 0)
            state = detached(state, where_);
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
        if (k == 0 && !options_.state_may_change) require_batch_of(xt, y);
        if (k == 0 && !masks_.all().empty()) require_batch_axis(output_of(state), y, options_, where_);
        if (masks_.cuts(t)) y = masks_.clear(t, y), next = masked(t, next, state);
        if (options_.record) take_down(*options_.record, tape_, cell_, t, first, xt, seen, next);
        state = next;
        return y;
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
    NoiseOnState& noise_;
    Where where_;
    Tape::Mark begin_;
};

/// The loss of a step, a scalar, from its output.
using StepLoss = std::function<Var(Index t, Var y)>;

/// Where the outputs of steps go.
struct StepOutputs {
    Index steps;
    bool reverse;
    Var* each            = nullptr;  ///< of all steps; null: they are not kept
    StepLoss const* loss = nullptr;
    Var total            = {};  ///< of the losses

    void put(Index t, Var const& y) {
        if (each) std::construct_at(each + t, y);
        if (loss) add_loss(t, y);
    }
    void add_loss(Index t, Var const& y);
    Index at(Index k) const { return reverse ? steps - 1 - k : k; }  ///< t of step number k
    /// Those of the steps before number k.
    std::span<Var const> before(Index k) const {
        return {reverse && each ? each + at(k) + 1 : each, each ? static_cast<std::size_t>(k) : 0};
    }
};

/// Room for the output of each step.
Var* memory_of_outputs(Tape&, Index steps);

/// Steps number [from, to): `x(t, outputs so far)` is the input of step t.
template <class C, class State, class X>
void take_steps(Fold<C, State>& fold, Index from, Index to, X const& x, StepOutputs& out, State& state) {
    for (Index k = from; k < to; ++k) {
        Index const t = out.at(k);
        out.put(t, fold.step(
                       t, k, [&] { return x(t, out.before(k)); }, state));
    }
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

}  // namespace unspool::core

namespace unspool {

using core::ScanOptions;

}  // namespace unspool
