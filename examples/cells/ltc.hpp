// Liquid time-constant network (Hasani, Lechner, Amini, Rus and Grosu 2021), eq. 1, by several steps of its fused solver, eq. 3:
//     dx/dt = −(1/τ + f) ⊙ x + f ⊙ A   f = σ(γ I + γ_r x + μ)   x' = (x + Δ f ⊙ A) / (1 + Δ (1/τ + f))
// f is a sigmoid, where the paper leaves it open, so that no time constant is negative.
#pragma once
#include <unspool.hpp>

struct LTC {
    unspool::nn::Linear gamma, gamma_r;
    unspool::Param &log_tau, &A;
    int substeps;

    LTC(unspool::Params p, unspool::Index in, unspool::Index hidden, int n = 3)
        : gamma{p / "gamma", in, hidden}
        , gamma_r{p / "gamma_r", hidden, hidden, unspool::nn::no_bias}
        , log_tau{p.zeros("log_tau", {hidden})}
        , A{p.normal("A", {hidden}, 0, 1)}
        , substeps{n} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, gamma.out()}); }

    unspool::Var operator()(unspool::Var I, unspool::Var x) const {
        double const dt    = 1. / substeps;
        unspool::Var drive = gamma(I);
        for (int k = 0; k < substeps; ++k) {
            unspool::Var f = sigmoid(drive + gamma_r(x));
            x              = (x + dt * f * A) / (1 + dt * (exp(-log_tau) + f));
        }
        return x;
    }
};
