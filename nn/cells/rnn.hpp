// The recurrent cell of Elman, "Finding structure in time", Cognitive Science 14 (1990), as PyTorch parametrises it:
//     h' = tanh(W x + b_W + U h + b_U)
#pragma once
#include <unspool/nn/activation.hpp>
#include <unspool/nn/cells/gates.hpp>

namespace unspool {

struct RnnOptions {
    Bias        bias       = Bias::with;
    Activation  activation = {};     ///< tanh where there is none
    std::string suffix     = "_l0";  ///< of the parameters' names
};

class Rnn {
public:
    using State   = Var;
    using Options = RnnOptions;

    /// Parameters as in Gates.  ValueError unless both sizes are at least 1.
    Rnn(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : gates("Rnn", p, {.gates = 1, .in = in, .hidden = hidden, .bias = options.bias, .suffix = options.suffix}, where)
        , options_(std::move(options)) {}

    /// One step: x [...,in], h [...,hidden].
    Var operator()(Var x, Var h, Where = Where::here()) const;
    Var zeros(Tape& tape, Index batch) const { return gates.zero_h(tape, batch); }  ///< [batch,hidden]

    Index in() const { return gates.in(); }       ///< features of x
    Index out() const { return gates.hidden(); }  ///< and of h

    Gates gates;

private:
    Options options_;
};

}  // namespace unspool
