// The recurrent cell of Elman, "Finding structure in time", Cognitive Science 14 (1990), as PyTorch parametrises it:
//     h' = tanh(W x + b_W + U h + b_U)
#pragma once
#include <unspool/nn/cells/gates.hpp>

namespace unspool {

class Rnn {
public:
    using State = Var;

    /// Parameters as in Gates.  ValueError unless both sizes are at least 1.
    Rnn(Params p, Index in, Index hidden, Bias bias = Bias::with, Where where = Where::here())
        : gates("Rnn", 1, p, in, hidden, bias, where) {}

    /// One step: x [...,in], h [...,hidden].
    Var operator()(Var x, Var h, Where = Where::here()) const;
    Var zeros(Tape& tape, Index batch) const { return gates.zeros(tape, batch); }  ///< [batch,hidden]

    Index in() const { return gates.in(); }          ///< features of x
    Index hidden() const { return gates.hidden(); }  ///< and of h

    Gates gates;
};

}  // namespace unspool
