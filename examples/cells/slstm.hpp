// sLSTM with exponential gates and their stabiliser (Beck et al. 2024, "xLSTM"), eq. 8 to 17:
//     m' = max(f̃ + m, ĩ)   i = exp(ĩ − m')   f = exp(f̃ + m − m')   c' = f ⊙ c + i ⊙ tanh(z̃)   n' = f ⊙ n + i   h = σ(õ) ⊙ c' / n'
#pragma once
#include <unspool.hpp>

struct SLSTM {
    unspool::nn::Linear Wz, Wi, Wf, Wo, Rz, Ri, Rf, Ro;

    SLSTM(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : Wz{p / "Wz", in, hidden}
        , Wi{p / "Wi", in, hidden}
        , Wf{p / "Wf", in, hidden}
        , Wo{p / "Wo", in, hidden}
        , Rz{p / "Rz", hidden, hidden, unspool::nn::no_bias}
        , Ri{p / "Ri", hidden, hidden, unspool::nn::no_bias}
        , Rf{p / "Rf", hidden, hidden, unspool::nn::no_bias}
        , Ro{p / "Ro", hidden, hidden, unspool::nn::no_bias} {}

    struct State {
        unspool::Var h, c, n, m;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Var const none = tape.zeros({batch, Wz.out()});
        return {none, none, none, none};
    }
    State operator()(unspool::Var x, State s) const {
        unspool::Var in     = Wi(x) + Ri(s.h);
        unspool::Var forget = Wf(x) + Rf(s.h) + s.m;
        unspool::Var m      = maximum(forget, in);
        unspool::Var i      = exp(in - m);
        unspool::Var f      = exp(forget - m);
        unspool::Var c      = f * s.c + i * tanh(Wz(x) + Rz(s.h));
        unspool::Var n      = f * s.n + i;
        unspool::Var h      = sigmoid(Wo(x) + Ro(s.h)) * c / n;
        return {h, c, n, m};
    }
};
