// Liquid time-constant network (Hasani, Lechner, Amini, Rus and Grosu 2021), eq. 1, by several steps of its fused solver, eq. 3:
//     dx/dt = −(1/τ + f) ⊙ x + f ⊙ A   f = σ(γ I + γ_r x + μ)   x' = (x + Δ f ⊙ A) / (1 + Δ (1/τ + f))
// f is a sigmoid, where the paper leaves it open, so that no time constant is negative.
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct LTC {
    nn::Linear gamma, gamma_r;
    Param &log_tau, &A;
    int substeps;

    LTC(Params p, Index in, Index hidden, int n = 3)
        : gamma{p / "gamma", in, hidden}
        , gamma_r{p / "gamma_r", hidden, hidden, nn::no_bias}
        , log_tau{p.zeros("log_tau", {hidden})}
        , A{p.normal("A", {hidden}, 0, 1)}
        , substeps{n} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, gamma.out()}); }

    Var operator()(Var I, Var x) const {
        double const dt = 1. / substeps;
        Var drive       = gamma(I);
        for (int k = 0; k < substeps; ++k) {
            Var f = sigmoid(drive + gamma_r(x));
            x     = (x + dt * f * A) / (1 + dt * (exp(-log_tau) + f));
        }
        return x;
    }
};
