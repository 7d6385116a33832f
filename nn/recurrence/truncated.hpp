// Truncated backpropagation through time: a sequence that is too long for one graph.
#pragma once
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/nn/recurrence/scan.hpp>
#include <unspool/nn/recurrence/stateful.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <vector>

namespace unspool::core {

/// Every k1 steps there is an update, whose gradients flow back through at most k2 steps: BPTT(k2; k1) of Williams and Peng, "An
/// efficient gradient-based algorithm for on-line training of recurrent network trajectories" (1990).
struct Truncation {
    /// Steps from one update to the next, and steps that gradients flow back at most.
    Index k1, k2;
};

/// What one update computes: the graph begins at step `begin`, its losses are those of the steps [from, end), and the next one
/// begins at `next`.
struct TruncatedWindow {
    /// Numbers of steps, from 0.
    Index begin, from, end, next;
};

/// The windows of all updates over so many steps, the last of which may be shorter.  ValueError unless 1 ≤ k1 ≤ k2.
std::vector<TruncatedWindow> truncated_windows(Index steps, Truncation, Where = Where::here());

/// Runs a cell over `steps` steps, in windows.  For each, `inputs(begin, end)` gives xs [end - begin,B,...], `loss(outputs, from)`
/// the loss of the outputs of the steps from `from` on, and `update(gradients, loss)` changes the parameters.  The tape is rewound
/// before each, and the state is carried from one to the next, and out: give it again for what follows.  `options` are those of each scan: a
/// budget, say.
template <class C, class State, class Inputs, class Loss, class Update>
void truncated_bptt(Tape& tape, C const& cell, Index steps, Truncation k, Stateful<State>& state, Inputs inputs,
                    Loss loss, Update update, ScanOptions const& options = {}, Where where = Where::here()) {
    for (TruncatedWindow const& w : truncated_windows(steps, k, where)) {
        tape.rewind();
        Var const xs      = inputs(w.begin, w.end);
        State const start = state.on(tape, cell.zeros(tape, xs.size(1)));
        Scanned<State> r  = {{}, start};
        std::vector<Var> outputs;
        for (auto [a, b] : {std::pair{w.begin, w.next}, std::pair{w.next, w.end}}) {
            if (a == b) continue;
            r = scan(cell, slice(xs, 0, a - w.begin, b - w.begin, where), r.state, options, where);
            outputs.insert(outputs.end(), r.outputs.begin(), r.outputs.end());
            if (b == w.next) state.save(r.state);
        }
        Var const l = loss(std::span<Var const>(outputs).subspan(static_cast<std::size_t>(w.from - w.begin)), w.from);
        update(backward(l, Keep::leaves, where), l.item());
    }
}

}  // namespace unspool::core

namespace unspool {

using core::TruncatedWindow, core::Truncation, core::truncated_bptt;

}  // namespace unspool
