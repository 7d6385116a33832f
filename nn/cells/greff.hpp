// The variants that GreffVariant, Srivastava, Koutník, Steunebrink and Schmidhuber compare in "LSTM: a search space odyssey" (2015).
#pragma once
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// The vanilla LSTM, and it with one change.
enum class GreffVariant {
    V,     // vanilla: with peepholes
    NIG,   // no input gate
    NFG,   // no forget gate
    NOG,   // no output gate
    NIAF,  // no activation of the input: g = W_g x + U_g h + b_g
    NOAF,  // no activation of the output: h' = o ⊙ c'
    NP,    // no peepholes
    CIFG,  // coupled input and forget gates
    // and FGR, full gate recurrence, which is the cell FullGateLSTMCell: its state has more parts
};

/// An LSTMCell of this variant: `LSTMCell cell(params, in, hidden, nn::greff(nn::GreffVariant::NIG));`
inline LSTMCellOptions greff(GreffVariant v) {
    Activation const none = identity;
    LSTMCellOptions o{.peepholes = v != GreffVariant::NP};
    o.input_gate  = v != GreffVariant::NIG;
    o.forget_gate = v != GreffVariant::NFG;
    o.output_gate = v != GreffVariant::NOG;
    o.coupled     = v == GreffVariant::CIFG;
    if (v == GreffVariant::NIAF) o.candidate = none;
    if (v == GreffVariant::NOAF) o.output = none;
    return o;
}

}  // namespace unspool::nn
