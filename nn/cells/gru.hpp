// The gated recurrent unit of Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine
// translation" (2014):
//     r = σ(W_r x + b_r + U_r h + c_r)               z = σ(W_z x + b_z + U_z h + c_z)
//     n = tanh(W_n x + b_n + r ⊙ (U_n h + c_n))      h' = (1 − z) ⊙ n + z ⊙ h
// with the reset gate behind the product, as in cuDNN and PyTorch; or before it, as the paper has it:
//     n = tanh(W_n x + b_n + U_n (r ⊙ h) + c_n)
#pragma once
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/nn/recurrence/recorder.hpp>

namespace unspool::nn {

/// Where the reset gate acts: before the product with U, as in the paper, or behind it, as in cuDNN.
enum class Reset { after, before };  // of the product with U_n

/// What a GRU is made with.
struct GRUCellOptions {
    Reset reset          = Reset::after;  ///< PyTorch has Reset::after
    Bias bias            = Bias::with;    ///< of both products
    Activation gate      = {};            ///< of r and z: σ where there is none
    Activation candidate = {};            ///< of n: tanh
    std::string suffix   = "_l0";         ///< of the names of the parameters
};

/// A layer of gated recurrent units.
class GRUCell {
public:
    using State        = Var;
    using Options      = GRUCellOptions;
    using KeepsNoVars  = GRUCell;  ///< see CellThatForgets
    using SameEachStep = GRUCell;  ///< see CellThatRepeats

    /// Parameters as in Gates, stacked in the order r z n.  ValueError unless both sizes are at least 1.
    GRUCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : gates("GRUCell", p, {.gates = 3, .in = in, .hidden = hidden, .bias = options.bias, .suffix = options.suffix},
                where)
        , options_(std::move(options)) {}

    /// One step: x [...,in], h [...,hidden].
    Var operator()(Var x, Var h, Where = Where::here()) const;
    Var zeros(Tape& tape, Index batch) const { return gates.zero_h(tape, batch); }  ///< [batch,hidden]

    void record(Recorder&, Index t, Var x, Var h) const;  ///< the gates: r z n

    Index in() const { return gates.in(); }       ///< features of x
    Index out() const { return gates.hidden(); }  ///< and of h

    bool forgets() const { return !options_.gate && !options_.candidate; }  ///< or who knows what a function keeps?
    Options const& options() const { return options_; }                     ///< as they were given

    Gates gates;  ///< W and U, of all gates stacked

private:
    Var varied(Var x, Var h, Recorder*, Index t) const;

    Options options_;
};

}  // namespace unspool::nn
