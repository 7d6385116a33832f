// One recorded step of a cell as a plan: what it computes, from what, and where each value lies in one block of memory.  A stream, a C
// file and the counts of flops and bytes are made of it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unspool/nn/layers/sequential.hpp>
#include <unspool/nn/recurrence/plannable_cell.hpp>
#include <vector>

namespace unspool::core {

/// What is planned of a cell.
struct PlanOptions {
    Index batch = 1;  ///< sequences that a step is for
    std::vector<Shape> inputs =
        {};  ///< of each input, without the batch: `{{3}}`; none: what the cell says, or the first size that it takes
    std::optional<Dtype> dtype = {};  ///< of all that is computed: float32, or what a stream computes in
    std::function<Var(Var)> head =
        {};  ///< what is made of the cell's output: `[&](Var h) -> Var { return tanh(out(h)); }`
    bool jacobian =
        false;  ///< also d(the next state) and d(the output) by each input and each part of the state, as more results
};

/// A part of an array of a plan, counted in elements: what a Window is on a tape.
struct PlannedWindow {
    std::size_t array = 0;
    Index offset      = 0;
    Shape shape;
    Strides strides;

    friend bool operator==(PlannedWindow const&, PlannedWindow const&) = default;
};

/// What a step reads or computes.
struct PlannedArray {
    enum Kind : std::uint8_t { input, state, parameter, constant, value };

    Kind kind;
    std::string name;  // of an input or a part of the state; a parameter's path; "" for others
    Shape shape;
    Window const* recorded;  // whose numbers are those of a parameter or constant
    Index place      = -1;   // in the memory, in elements: of inputs, states and values
    std::size_t root = 0;    // the array in whose place it lies: itself, a state, or a value that no one reads any more

    bool fixed() const { return kind == parameter || kind == constant; }  ///< the same at each step
};

/// A node of the recording, its operands and result as arrays of the plan.
struct PlannedNode {
    Node const* recorded;
    std::size_t result;
    std::vector<PlannedWindow> operands;
};

/// A part of the state: where it lies, and what it is after the step.
struct PlannedState {
    std::size_t array;
    PlannedWindow next;
    bool in_place = false;  // `next` is computed where the state lies
    Index staged  = -1;     // where `next`, if it is a part of an old state, waits until all old ones have been read
    std::vector<double> initial;  // what zeros() gives
};

/// What else comes out of a step.
struct PlannedResult {
    std::string name;  // "y"; "dh_dx", of a Jacobian
    PlannedWindow window;
};

struct Recording;

/// One step of a cell or of a model, recorded once: what a stream runs and what a file of C says.
struct StepPlan {
    std::shared_ptr<Recording const> recording;  // keeps what nodes and fixed arrays point to
    Dtype dtype = float32;                       ///< of all arrays
    Index batch = 1;                             ///< sequences that a step is for
    std::vector<PlannedArray> arrays;            ///< all that a step reads and writes
    std::vector<PlannedNode> nodes;              // in the order of computation
    std::vector<std::size_t> inputs;             // arrays
    std::vector<PlannedState> state;             ///< its parts, in their order
    std::vector<PlannedResult> results;          // the output first
    Index memory = 0;                            // in elements

    Tape const& tape() const;                        ///< that the step was recorded on
    std::string equation(PlannedNode const&) const;  ///< "f = sigmoid(Wf·x + Uf·h + bf)"
    Index flops() const;                             ///< of one step
    Index bytes_of_parameters() const;               ///< weights, as they are read
    /// Of the values in between, and the state.
    Index bytes_of_memory() const { return memory * static_cast<Index>(size_of(dtype)); }
};

/// Does a window show all of its array, as it lies?
bool is_whole(StepPlan const&, PlannedWindow const&);
/// May the node's result be written over an operand?  Each element of a statement depends on one of its operand alone, read before.
bool may_overwrite(StepPlan const&, PlannedNode const&, std::size_t array);

StepPlan plan_of(PlannableCell const&, PlanOptions const&, Where);

PlannableCell plannable_layer(nn::Stepwise const&, Index batch, Where);
/// Of layers, and of models of them, one step at a time.  TypeError for one that looks at other steps.
template <class L>
requires requires(L const& layer) { nn::stepwise(layer); }
PlannableCell plannable(L const& layer, Index batch, Where where = Where::here()) {
    return plannable_layer(nn::stepwise(layer), batch, where);
}

/// A cell with zeros(), a layer, or a model of layers.
template <class C> concept Plannable = requires(C const& cell) { plannable(cell, Index{1}); };

/// Records one step of the cell, from inputs and states of several signs and sizes, and plans it.  TapeError, naming the line, where the step
/// reads the numbers of a value that depends on them, or where the recordings differ in what is recorded or in a constant: what
/// depends on values cannot be planned.  TypeError as plannable() says.  ShapeError where the cell takes no such inputs.
template <Plannable C> StepPlan step_plan(C const& cell, PlanOptions const& options = {}, Where where = Where::here()) {
    return plan_of(plannable(cell, options.batch, where), options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::PlanOptions, core::step_plan, core::StepPlan;

}  // namespace unspool
