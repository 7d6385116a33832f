// A cell over whole sequences, with the state that it starts from.
#pragma once
#include <optional>
#include <span>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/layers/description.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/recurrence/scan.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::nn {

/// What the cell carries from step to step, or a word on what is missing in it.
template <class C> struct StateOfCell {
    static constexpr bool has_zeros = CellWithZeros<C>;  ///< what a layer needs
    static_assert(has_zeros, "a layer wants `State zeros(Tape&, Index batch) const` of its cell, where State is "
                             "a Var or a struct with Vars");
    using type = Var;  ///< where it has none
};
/// What zeros() gives.
template <CellWithZeros C> struct StateOfCell<C> {
    using type = decltype(std::declval<C const&>().zeros(std::declval<Tape&>(), Index{1}));  ///< of that type
    static constexpr bool steps = Cell<C const, type>;  ///< does the cell take and give it?
    static_assert(steps,
                  "a layer wants `State operator()(Var x, State) const` of its cell, where State is what zeros() "
                  "gives, and is a Var or has a member h");
};

/// The state of a cell: what `zeros` gives.  What is none does not compile, and the compiler says what it lacks.
template <class C> using StateOf = typename StateOfCell<C>::type;

/// What may go along with a batch of sequences.
template <class State> struct Given {
    std::optional<State> state     = {};       ///< to start from; zeros
    std::span<Index const> lengths = {};       ///< steps of each sequence of a padded batch; all there are
    Random* random                 = nullptr;  ///< what dropout draws from; none: nothing is dropped, as in evaluation
    Recorder* record =
        nullptr;  ///< takes down gates and states: of several layers, "l0.h", "l1_reverse.c" …; of two directions, "forward.h", "backward.h"
    StateNoise noise      = {};  ///< on the states
    Bytes memory          = {};  ///< for what each scan keeps: what does not fit is computed again. 0: all fits
    Index recompute_every = 0;   ///< only the states between so many steps are kept. 0: all is
};

/// What comes out.  Steps that a sequence does not have are 0 in the outputs; the state is that after its last step.
template <class State> struct Run {
    Var outputs;  ///< [T,B,…], or [B,T,…] where the batch is first; 0 in steps that a sequence does not have
    State state;  ///< after the last step of each sequence
};

/// ShapeError unless xs is [T,B,I].
void require_sequences(Var const& xs, Where);
/// The outputs of all steps as one Var [T,...]; of no steps, [0,...] like the state's.
Var sequence_of(std::span<Var const> outputs, Var const& of_state, Where);

/// A cell of these, which is told the user's line where it takes one.
template <class C, class... More> C cell_of_layer(Where where, Params p, Index in, Index hidden, More const&... more) {
    if constexpr (std::constructible_from<C, Params, Index, Index, More const&..., Where>)
        return C(p, in, hidden, more..., where);
    else if constexpr (requires { C(p, in, hidden, more..., typename C::Options(), where); })
        return C(p, in, hidden, more..., typename C::Options(), where);
    else return C(p, in, hidden, more...);
}

/// One cell over a sequence [T,B,in], in one direction: `auto [ys, state] = layer(xs);` gives ys [T,B,out].
template <class C> class Layer {
public:
    using State = StateOf<C>;  ///< that of the cell

    /// `Layer<MGUCell> layer(params / "mgu", in, hidden);`: the cell is made of these.
    template <class... More> explicit Layer(Params p, At in, Index hidden, More const&... more)
        : cell(cell_of_layer<C>(in.where, p, in.i, hidden, more...)) {}
    explicit Layer(C c, bool reverse_ = false) : cell(std::move(c)), reverse(reverse_) {}

    /// All steps of xs [T,B,in], from zeros or a given state: outputs [T,B,out], and the last state.  ShapeError for another shape.
    Run<State> operator()(Var xs, Given<State> const& given = {}, Where where = Where::here()) const {
        require_sequences(xs, where);
        ScanOptions const options{.lengths         = given.lengths,
                                  .reverse         = reverse,
                                  .noise           = given.noise,
                                  .record          = given.record,
                                  .memory          = given.memory,
                                  .recompute_every = given.recompute_every};
        auto const r =
            scan(cell, xs, given.state ? *given.state : cell.zeros(xs.tape(where), xs.size(1)), options, where);
        return {sequence_of(r.outputs, output_of(r.state), where.inside()), r.state};
    }

    LayerDescription description() const { return {.cells = {described(cell, "l0", reverse)}}; }

    C cell;                ///< one for all steps
    bool reverse = false;  ///< from the last step to the first
};

}  // namespace unspool::nn
