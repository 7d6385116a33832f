// Long short-term memory with layer normalisation, of Ba, Kiros and Hinton, "Layer normalization" (2016), equations 20 to 22:
//     i f g o = γ_x ⊙ LN(W x) + γ_h ⊙ LN(U h) + b
//     c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)           h' = σ(o) ⊙ tanh(γ_c ⊙ LN(c') + β_c)
// where LN takes the mean and the variance of all gates together.
#pragma once
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// An LSTMCell with this option.
class LayerNormLSTMCell : public LSTMCell {
public:
    /// As LSTMCell.
    LayerNormLSTMCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : LSTMCell(p, in, hidden, with_norm(std::move(options)), where) {}

private:
    static Options with_norm(Options o) {
        o.layer_norm = true;
        return o;
    }
};

}  // namespace unspool::nn
