// Continuous-time recurrent network (Funahashi and Nakamura 1993):  τ dh/dt = −h + tanh(W x + U h), by several steps of Euler's between
// two inputs.  Time constants stay above the step as exp(a) + 1.
#pragma once
#include <unspool.hpp>

struct CTRNN {
    unspool::nn::Linear W, U;
    unspool::Param& a;
    int substeps;

    CTRNN(unspool::Params p, unspool::Index in, unspool::Index hidden, int n = 3)
        : W{p / "W", in, hidden}
        , U{p / "U", hidden, hidden, unspool::nn::no_bias}
        , a{p.zeros("a", {hidden})}
        , substeps{n} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, W.out()}); }

    unspool::Var operator()(unspool::Var x, unspool::Var h) const {
        unspool::Var drive = W(x);
        for (int k = 0; k < substeps; ++k) h = h + (tanh(drive + U(h)) - h) / (substeps * (1 + exp(a)));
        return h;
    }
};
