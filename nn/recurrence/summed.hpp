// A scan of which no output is kept: the loss of each step is added up on the way.
#pragma once
#include <unspool/nn/recurrence/scan.hpp>

namespace unspool::core {

/// The sum of the losses of all steps, and the state after the last one.
template <class State> struct Summed {
    Var loss;
    State state;
};

Var total_of(Var const& loss, Tape&);  ///< 0 of no steps

/// scan(), and the sum of `loss(t, y)`, a scalar, over the output y of each step: `auto [l, h] = scan_sum(gru, xs, h0, loss);`.  Outputs are
/// not kept, so that with steps that are computed again, memory does not grow with their number.
template <class C, class Loss, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> && std::is_invocable_r_v<Var, Loss&, Index, Var> Summed<State> scan_sum(
    C&& cell, Var xs, State state, Loss&& loss, ScanOptions const& options = {}, Where where = Where::here()) {
    Index const steps = steps_in(xs, where);
    Tape& tape        = xs.tape(where);
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks = masks_of(tape, steps, state, options, where);
    Var const inputs  = masks.clear(xs);
    Scanning const scanning(inputs, options.reverse);
    StepLoss const of_step = loss;
    auto const r =
        fold<C>(tape, cell, steps, Elements<Var>{inputs, where}, state, masks, options, where, inputs, &of_step);
    return {total_of(r.loss, tape), r.state};
}

/// The same where `next(t)` gives the input of step t, which need not be on the tape before.
template <class C, class Next, class Loss, class State = typename std::remove_cvref_t<C>::State>
requires Cell<C, State> && std::is_invocable_r_v<Var, Next&, Index> && std::is_invocable_r_v<Var, Loss&, Index, Var>
    Summed<State> unroll_sum(Tape& tape, C&& cell, Index steps, State state, Next&& next, Loss&& loss,
                             ScanOptions const& options = {}, Where where = Where::here()) {
    Attempt const attempt(tape);
    ModuleScope const path(tape, options.module);
    Masks const masks      = masks_of(tape, steps, state, options, where);
    StepLoss const of_step = loss;
    AskedFor<Next&> const x{Twice<Next&>(next, options.recomputes()), masks, where};
    auto const r = fold<C>(tape, cell, steps, x, state, masks, options, where, {}, &of_step);
    return {total_of(r.loss, tape), r.state};
}

}  // namespace unspool::core

namespace unspool {

using core::scan_sum, core::unroll_sum;

}  // namespace unspool
