// sLSTM with exponential gates and their stabiliser (Beck et al. 2024, "xLSTM"), eq. 8 to 17:
//     m' = max(f̃ + m, ĩ)   i = exp(ĩ − m')   f = exp(f̃ + m − m')   c' = f ⊙ c + i ⊙ tanh(z̃)   n' = f ⊙ n + i   h = σ(õ) ⊙ c' / n'
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct SLSTM {
    nn::Linear Wz, Wi, Wf, Wo, Rz, Ri, Rf, Ro;

    SLSTM(Params p, Index in, Index hidden)
        : Wz{p / "Wz", in, hidden}
        , Wi{p / "Wi", in, hidden}
        , Wf{p / "Wf", in, hidden}
        , Wo{p / "Wo", in, hidden}
        , Rz{p / "Rz", hidden, hidden, nn::no_bias}
        , Ri{p / "Ri", hidden, hidden, nn::no_bias}
        , Rf{p / "Rf", hidden, hidden, nn::no_bias}
        , Ro{p / "Ro", hidden, hidden, nn::no_bias} {}

    struct State {
        Var h, c, n, m;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{Wz.out()}}); }
    State operator()(Var x, State s) const {
        Var in     = Wi(x) + Ri(s.h);
        Var forget = Wf(x) + Rf(s.h) + s.m;
        Var m      = maximum(forget, in);
        Var i      = exp(in - m);
        Var f      = exp(forget - m);
        Var c      = f * s.c + i * tanh(Wz(x) + Rz(s.h));
        Var n      = f * s.n + i;
        Var h      = sigmoid(Wo(x) + Ro(s.h)) * c / n;
        return {h, c, n, m};
    }
};
