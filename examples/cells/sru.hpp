// Simple recurrent unit (Lei, Zhang, Wang, Dai and Artzi 2018), eq. 1 to 4:
//     f = σ(W_f x + v_f ⊙ c + b_f)   c' = f ⊙ c + (1 − f) ⊙ W x   r = σ(W_r x + v_r ⊙ c + b_r)   h = r ⊙ c' + (1 − r) ⊙ x
#pragma once
#include <unspool.hpp>

struct SRU {
    unspool::nn::Linear W, Wf, Wr;
    unspool::Param &vf, &vr;

    /// The highway h = … + (1 − r) ⊙ x wants an input as wide as the state.
    SRU(unspool::Params p, unspool::Index hidden)
        : W{p / "W", hidden, hidden, unspool::nn::no_bias}
        , Wf{p / "Wf", hidden, hidden}
        , Wr{p / "Wr", hidden, hidden}
        , vf{p.uniform("vf", {hidden}, -1, 1)}
        , vr{p.uniform("vr", {hidden}, -1, 1)} {}

    struct State {
        unspool::Var h, c;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Var const none = tape.zeros({batch, W.out()});
        return {none, none};
    }
    State operator()(unspool::Var x, State s) const {
        unspool::Var f = sigmoid(Wf(x) + vf * s.c);
        unspool::Var c = f * s.c + (1 - f) * W(x);
        unspool::Var r = sigmoid(Wr(x) + vr * s.c);
        unspool::Var h = r * c + (1 - r) * x;
        return {h, c};
    }
};
