// mLSTM: a matrix for a memory, with exponential gates and their stabiliser (Beck et al. 2024, "xLSTM"), eq. 19 to 27:
//     C' = f C + i v kᵀ   n' = f n + i k   h = σ(õ) ⊙ C' q / max(|n'ᵀ q|, exp(−m'))
#pragma once
#include <cmath>
#include <unspool.hpp>

struct MLSTM {
    unspool::nn::Linear Wq, Wk, Wv, Wo, wi, wf;

    MLSTM(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : Wq{p / "Wq", in, hidden}
        , Wk{p / "Wk", in, hidden}
        , Wv{p / "Wv", in, hidden}
        , Wo{p / "Wo", in, hidden}
        , wi{p / "wi", in, 1}
        , wf{p / "wf", in, 1} {}

    struct State {
        unspool::Var C, n, m, h;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Index const d = Wq.out();
        return {tape.zeros({batch, d, d}), tape.zeros({batch, d}), tape.zeros({batch, 1}), tape.zeros({batch, d})};
    }
    State operator()(unspool::Var x, State s) const {
        using unspool::Var, unspool::Reduced;
        Var q  = Wq(x);
        Var k  = Wk(x) / std::sqrt(static_cast<double>(Wq.out()));
        Var v  = Wv(x);
        Var in = wi(x), forget = wf(x) + s.m;
        Var m    = maximum(forget, in);
        Var i    = exp(in - m);
        Var f    = exp(forget - m);
        Var C    = unsqueeze(f, -1) * s.C + unsqueeze(i * v, -1) * unsqueeze(k, -2);
        Var n    = f * s.n + i * k;
        Var norm = maximum(abs(sum(n * q, -1, Reduced::keep)), exp(-m));
        Var h    = sigmoid(Wo(x)) * sum(C * unsqueeze(q, -2), -1) / norm;
        return {C, n, m, h};
    }
};
