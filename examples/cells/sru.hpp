// Simple recurrent unit (Lei, Zhang, Wang, Dai and Artzi 2018), eq. 1 to 4:
//     f = σ(W_f x + v_f ⊙ c + b_f)   c' = f ⊙ c + (1 − f) ⊙ W x   r = σ(W_r x + v_r ⊙ c + b_r)   h = r ⊙ c' + (1 − r) ⊙ x
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct SRU {
    nn::Linear W, Wf, Wr;
    Param &vf, &vr;

    /// The highway h = … + (1 − r) ⊙ x wants an input as wide as the state.
    SRU(Params p, Index hidden)
        : W{p / "W", hidden, hidden, nn::no_bias}
        , Wf{p / "Wf", hidden, hidden}
        , Wr{p / "Wr", hidden, hidden}
        , vf{p.uniform("vf", {hidden}, -1, 1)}
        , vr{p.uniform("vr", {hidden}, -1, 1)} {}

    struct State {
        Var h, c;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{W.out()}}); }
    State operator()(Var x, State s) const {
        Var f = sigmoid(Wf(x) + vf * s.c);
        Var c = f * s.c + (1 - f) * W(x);
        Var r = sigmoid(Wr(x) + vr * s.c);
        Var h = r * c + (1 - r) * x;
        return {h, c};
    }
};
