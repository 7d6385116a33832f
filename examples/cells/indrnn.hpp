// Independently recurrent network (Li, Li, Cook, Zhu and Gao 2018), eq. 3:  h' = relu(W x + u ⊙ h + b)
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct IndRNN {
    nn::Linear W;
    Param& u;

    IndRNN(Params p, Index in, Index hidden) : W{p / "W", in, hidden}, u{p.uniform("u", {hidden}, -1, 1)} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }

    Var operator()(Var x, Var h0) const {
        Var h = relu(W(x) + u * h0);
        return h;
    }
};
