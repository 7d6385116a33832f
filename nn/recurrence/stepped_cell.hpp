// A cell of any type as a function of one step that knows the step's number: for who goes through time without a scan.
#pragma once
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::core {

/// The cell must outlive it.
struct SteppedCell {
    using Vars = std::span<Var const>;

    std::size_t inputs = 1;                                             // that a step takes
    std::vector<std::string> names;                                     // of the parts of the state
    bool vars_alone = true;                                             // or has the state members of other types?
    std::function<std::vector<Var>(Tape&, Index batch)> start;          // what zeros() gives
    std::function<std::vector<Var>(Vars x, Vars state, Index t)> step;  // the next state
    std::function<Var(Vars state)> output;                              // what of a state the layers above see
};

template <CellWithZeros C>
requires Erasable<C> SteppedCell stepped_cell(C const& cell) {
    using State = StateOf<C>;
    using Input = InputOf<C>;
    // What is no Var comes from zeros() at every step, so whoever takes such a state must not rely on it.
    auto const state = [&cell](ErasedCell::Vars parts, Index batch) { return state_from(cell, batch, parts); };
    auto const list  = [](State const& s) {
        auto const parts = states::parts(s);
        return std::vector<Var>(parts.begin(), parts.end());
    };
    return {number_of_inputs<Input>(),
            states::names<State>(),
            states::of_vars_alone<State>(),
            [&cell, list](Tape& tape, Index batch) { return list(cell.zeros(tape, batch)); },
            [&cell, state, list](ErasedCell::Vars x, ErasedCell::Vars before, Index t) {
                return list(stepped(cell, inputs_from<Input>(x), state(before, 1), Where::here(), t));
            },
            [state](ErasedCell::Vars parts) { return Var(output_of(state(parts, 1))); }};
}

/// TypeError where the state has members that are no Vars: a count, a flag.
void require_vars_alone(SteppedCell const&, char const* who, Where);
/// All parts of a state end to end: [N], or a row for each sequence, [rows,S].
Var end_to_end(std::vector<Var> const& parts);
Var rows_end_to_end(std::vector<Var> const& parts, Index rows);

}  // namespace unspool::core
