// The gated recurrent unit of Cho et al. (2014), with the reset gate behind the product, as in cuDNN and PyTorch:
//     r = σ(W_r x + b_r + U_r h + c_r)               z = σ(W_z x + b_z + U_z h + c_z)
//     n = tanh(W_n x + b_n + r ⊙ (U_n h + c_n))      h' = (1 − z) ⊙ n + z ⊙ h
#pragma once
#include <unspool/nn/cells/gates.hpp>

namespace unspool {

class Gru {
public:
    using State = Var;

    /// Parameters as in Gates, stacked in the order r z n.  ValueError unless both sizes are at least 1.
    Gru(Params p, Index in, Index hidden, Bias bias = Bias::with, Where where = Where::here())
        : gates("Gru", 3, p, in, hidden, bias, where) {}

    /// One step: x [...,in], h [...,hidden].
    Var operator()(Var x, Var h, Where = Where::here()) const;
    Var zeros(Tape& tape, Index batch) const { return gates.zeros(tape, batch); }  ///< [batch,hidden]

    Index in() const { return gates.in(); }          ///< features of x
    Index hidden() const { return gates.hidden(); }  ///< and of h

    Gates gates;
};

}  // namespace unspool
