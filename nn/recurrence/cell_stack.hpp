// Two cells, one above the other, as one cell.
#pragma once
#include <concepts>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::nn {

/// The upper one sees at each step what the lower one gives: `nn::CellStack two(nn::GRUCell(…), nn::LSTMCell(…));`, and
/// three are a stack of a stack and a cell.  For layers of one sequence at a time `nn::Stacked` is faster; this is for
/// what takes a cell, such as online learning.
template <core::CellWithZeros Lower, core::CellWithZeros Upper> class CellStack {
public:
    /// Of both cells.
    struct State {
        core::StateOf<Lower> lower;  ///< of the one that sees x
        core::StateOf<Upper> upper;  ///< of the one that sees its output

        friend Var output_of(State const& s) {  ///< that of the upper one
            using core::output_of;
            return output_of(s.upper);
        }
    };

    /// The lower cell, and the one that sees its output.
    CellStack(Lower lower, Upper upper) : lower_(std::move(lower)), upper_(std::move(upper)) {}

    Index in() const requires requires(Lower const& l) {
        { l.in() } -> std::convertible_to<Index>;
    }
    { return lower_.in(); }
    State zeros(Tape& tape, Index batch) const { return {lower_.zeros(tape, batch), upper_.zeros(tape, batch)}; }
    /// One step, number t, of both cells.
    State operator()(Var x, State const& s, Index t) const {
        using core::output_of;
        core::StateOf<Lower> const lower = core::stepped(lower_, x, s.lower, Where::here(), t);
        return {lower, core::stepped(upper_, Var(output_of(lower)), s.upper, Where::here(), t)};
    }

private:
    Lower lower_;
    Upper upper_;
};

}  // namespace unspool::nn
