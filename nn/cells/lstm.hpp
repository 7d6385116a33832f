// Long short-term memory, of Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000),
// as PyTorch parametrises it:
//     i = σ(W_i x + U_i h + b_i)       f = σ(W_f x + U_f h + b_f)
//     g = tanh(W_g x + U_g h + b_g)    o = σ(W_o x + U_o h + b_o)
//     c' = f ⊙ c + i ⊙ g               h' = o ⊙ tanh(c')
#pragma once
#include <unspool/nn/cells/gates.hpp>

namespace unspool {

class Lstm {
public:
    struct State {
        Var h, c;
    };

    /// Parameters as in Gates, stacked in the order i f g o.  ValueError unless both sizes are at least 1.
    Lstm(Params p, Index in, Index hidden, Bias bias = Bias::with, Where where = Where::here())
        : gates("Lstm", 4, p, in, hidden, bias, where) {}

    /// One step: x [...,in], h and c [...,hidden].
    State operator()(Var x, State s, Where = Where::here()) const;
    State zeros(Tape& tape, Index batch) const { return {gates.zeros(tape, batch), gates.zeros(tape, batch)}; }  ///< [batch,hidden]

    Index in() const { return gates.in(); }          ///< features of x
    Index hidden() const { return gates.hidden(); }  ///< and of h

    Gates gates;
};

}  // namespace unspool
