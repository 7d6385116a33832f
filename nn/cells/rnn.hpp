// The recurrent cell of Elman, "Finding structure in time", Cognitive Science 14 (1990), as PyTorch parametrises it:
//     h' = tanh(W x + b_W + U h + b_U)
#pragma once
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// A layer of simple recurrent units.
struct RNNCellOptions {
    Bias bias             = Bias::with;  ///< of both products
    Activation activation = {};          ///< tanh where there is none
    std::string suffix    = "_l0";       ///< of the parameters' names
};

/// A layer of simple recurrent units.
class RNNCell {
public:
    using State        = Var;
    using Options      = RNNCellOptions;
    using KeepsNoVars  = RNNCell;  ///< see CellThatForgets
    using SameEachStep = RNNCell;  ///< see CellThatRepeats

    /// Parameters as in Gates.  ValueError unless both sizes are at least 1.
    RNNCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : gates("RNNCell", p, {.gates = 1, .in = in, .hidden = hidden, .bias = options.bias, .suffix = options.suffix},
                where)
        , options_(std::move(options)) {}

    /// One step: x [...,in], h [...,hidden].
    Var operator()(Var x, Var h, Where = Where::here()) const;
    Var zeros(Tape& tape, Index batch) const { return gates.zero_h(tape, batch); }  ///< [batch,hidden]

    Index in() const { return gates.in(); }       ///< features of x
    Index out() const { return gates.hidden(); }  ///< and of h

    bool forgets() const { return !options_.activation; }  ///< what a function of the user's keeps is not known
    Options const& options() const { return options_; }    ///< as they were given

    Gates gates;  ///< W and U, of all gates stacked

private:
    Options options_;
};

}  // namespace unspool::nn
