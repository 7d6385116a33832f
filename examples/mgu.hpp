// The minimal gated unit of Zhou, Wu, Zhang and Zhou, "Minimal gated unit for recurrent neural networks" (2016):
//     f = σ(W_f x + U_f h + b_f)      n = tanh(W_n x + U_n (f ⊙ h) + b_n)      h' = (1 − f) ⊙ h + f ⊙ n
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct Mgu {
    nn::Linear Wf, Uf, Wn, Un;
    Param &bf, &bn;

    Mgu(Params p, Index in, Index hidden)
        : Wf(p / "Wf", in, hidden, nn::no_bias)
        , Uf(p / "Uf", hidden, hidden, nn::no_bias)
        , Wn(p / "Wn", in, hidden, nn::no_bias)
        , Un(p / "Un", hidden, hidden, nn::no_bias)
        , bf(p.zeros("bf", {hidden}))
        , bn(p.zeros("bn", {hidden})) {}

    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(Wf(x) + Uf(h0) + bf);
        Var n = tanh(Wn(x) + Un(f * h0) + bn);
        Var h = (1 - f) * h0 + f * n;
        return h;
    }

    Var zeros(Tape& tape, Index batch) const { return tape.constant(xt::zeros<float>({batch, Uf.in()})); }
};
