// Long short-term memory whose forget gate is what the input gate leaves, of GreffVariant et al., "LSTM: a search space odyssey"
// (2015), there CIFG:
//     i = σ(W_i x + U_i h + b_i)    g = tanh(W_g x + U_g h + b_g)    o = σ(W_o x + U_o h + b_o)
//     c' = (1 − i) ⊙ c + i ⊙ g      h' = o ⊙ tanh(c')
#pragma once
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// An LSTMCell with this option: three gates, i g o.
class CoupledLSTMCell : public LSTMCell {
public:
    /// As LSTMCell.
    CoupledLSTMCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : LSTMCell(p, in, hidden, coupled(std::move(options)), where) {}

private:
    static Options coupled(Options o) {
        o.coupled = true;
        return o;
    }
};

}  // namespace unspool::nn
