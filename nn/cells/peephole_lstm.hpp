// Long short-term memory with peepholes, of Gers and Schmidhuber, "Recurrent nets that time and count" (2000):
//     i = σ(W_i x + U_i h + p_i ⊙ c + b_i)     f = σ(W_f x + U_f h + p_f ⊙ c + b_f)     g = tanh(W_g x + U_g h + b_g)
//     c' = f ⊙ c + i ⊙ g
//     o = σ(W_o x + U_o h + p_o ⊙ c' + b_o)    h' = o ⊙ tanh(c')
#pragma once
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// An LSTMCell with this option.
class PeepholeLSTMCell : public LSTMCell {
public:
    /// As LSTMCell.
    PeepholeLSTMCell(Params p, Index in, Index hidden, Options options = {}, Where where = Where::here())
        : LSTMCell(p, in, hidden, with_peepholes(std::move(options)), where) {}

private:
    static Options with_peepholes(Options o) {
        o.peepholes = true;
        return o;
    }
};

}  // namespace unspool::nn
