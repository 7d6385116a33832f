// Continuous-time recurrent network (Funahashi and Nakamura 1993):  τ dh/dt = −h + tanh(W x + U h), by several steps of Euler's between
// two inputs.  Time constants stay above the step as exp(a) + 1.
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct CTRNN {
    nn::Linear W, U;
    Param& a;
    int substeps;

    CTRNN(Params p, Index in, Index hidden, int n = 3)
        : W{p / "W", in, hidden}, U{p / "U", hidden, hidden, nn::no_bias}, a{p.zeros("a", {hidden})}, substeps{n} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }

    Var operator()(Var x, Var h) const {
        Var drive = W(x);
        for (int k = 0; k < substeps; ++k) h = h + (tanh(drive + U(h)) - h) / (substeps * (1 + exp(a)));
        return h;
    }
};
