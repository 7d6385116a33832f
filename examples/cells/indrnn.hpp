// Independently recurrent network (Li, Li, Cook, Zhu and Gao 2018), eq. 3:  h' = relu(W x + u ⊙ h + b)
#pragma once
#include <unspool.hpp>

struct IndRNN {
    unspool::nn::Linear W;
    unspool::Param& u;

    IndRNN(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : W{p / "W", in, hidden}, u{p.uniform("u", {hidden}, -1, 1)} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, W.out()}); }

    unspool::Var operator()(unspool::Var x, unspool::Var h0) const {
        unspool::Var h = relu(W(x) + u * h0);
        return h;
    }
};
