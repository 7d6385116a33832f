// The variants that Greff, Srivastava, Koutník, Steunebrink and Schmidhuber compare in "LSTM: a search space odyssey" (2015).
#pragma once
#include <unspool/nn/cells/lstm.hpp>

namespace unspool::nn {

enum class Greff {
    V,     // vanilla: with peepholes
    NIG,   // no input gate
    NFG,   // no forget gate
    NOG,   // no output gate
    NIAF,  // no activation of the input: g = W_g x + U_g h + b_g
    NOAF,  // no activation of the output: h' = o ⊙ c'
    NP,    // no peepholes
    CIFG,  // coupled input and forget gates
    // and FGR, full gate recurrence, which is the cell FullGateLstm: its state has more parts
};

/// An Lstm of this variant: `Lstm cell(params, in, hidden, nn::greff(nn::Greff::NIG));`
inline LstmOptions greff(Greff v) {
    Activation const none = [](Var x) { return x; };
    LstmOptions      o{.peepholes = v != Greff::NP};
    o.input_gate  = v != Greff::NIG;
    o.forget_gate = v != Greff::NFG;
    o.output_gate = v != Greff::NOG;
    o.coupled     = v == Greff::CIFG;
    if (v == Greff::NIAF) o.candidate = none;
    if (v == Greff::NOAF) o.output = none;
    return o;
}

}  // namespace unspool::nn
