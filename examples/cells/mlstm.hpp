// mLSTM: a matrix for a memory, with exponential gates and their stabiliser (Beck et al. 2024, "xLSTM"), eq. 19 to 27:
//     C' = f C + i v kᵀ   n' = f n + i k   h = σ(õ) ⊙ C' q / max(|n'ᵀ q|, exp(−m'))
#pragma once
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

struct MLSTM {
    nn::Linear Wq, Wk, Wv, Wo, wi, wf;

    MLSTM(Params p, Index in, Index hidden)
        : Wq{p / "Wq", in, hidden}
        , Wk{p / "Wk", in, hidden}
        , Wv{p / "Wv", in, hidden}
        , Wo{p / "Wo", in, hidden}
        , wi{p / "wi", in, 1}
        , wf{p / "wf", in, 1} {}

    struct State {
        Var C, n, m, h;
    };
    State zeros(Tape& tape, Index batch) const {
        return states::zeros<State>(tape, batch, {{Wq.out(), Wq.out()}, {Wq.out()}, {1}, {Wq.out()}});
    }
    State operator()(Var x, State s) const {
        Var q  = Wq(x);
        Var k  = Wk(x) / std::sqrt(static_cast<double>(Wq.out()));
        Var v  = Wv(x);
        Var in = wi(x), forget = wf(x) + s.m;
        Var m = maximum(forget, in);
        Var i = exp(in - m);
        Var f = exp(forget - m);
        Var C = unsqueeze(f, -1) * s.C + unsqueeze(i * v, -1) * unsqueeze(k, -2);
        Var n = f * s.n + i * k;
        Var h = sigmoid(Wo(x)) * sum(C * unsqueeze(q, -2), -1) / maximum(abs(sum(n * q, -1, Reduced::keep)), exp(-m));
        return {C, n, m, h};
    }
};
