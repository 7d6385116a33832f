// Variational recurrent network (Chung, Kastner, Dinh, Goel, Courville and Bengio 2015), eq. 5 to 11, with one layer for each of its functions:
//     prior       z ~ N(μ_0, σ_0),  [μ_0, ln σ_0] = φ_prior(h)
//     posterior   z | x ~ N(μ_z, σ_z),  [μ_z, ln σ_z] = φ_enc(φ_x(x), h),  z = μ_z + σ_z ε
//     likelihood  x | z ~ N(μ_x, σ_x),  [μ_x, ln σ_x] = φ_dec(φ_z(z), h)
//     recurrence  h' = GRU([φ_x(x), φ_z(z)], h)
// The state carries the terms of the objective, summed over time: `kl`, of the posterior from the prior, and `nll`, −ln p(x | z).
#pragma once
#include <cmath>
#include <numbers>
#include <unspool.hpp>

struct VRNN {
    unspool::nn::Linear phi_x, phi_z, prior, enc, dec;
    unspool::nn::GRUCell gru;

    VRNN(unspool::Params p, unspool::Index in, unspool::Index hidden, unspool::Index latent)
        : phi_x{p / "phi_x", in, hidden}
        , phi_z{p / "phi_z", latent, hidden}
        , prior{p / "prior", hidden, 2 * latent}
        , enc{p / "enc", 2 * hidden, 2 * latent}
        , dec{p / "dec", 2 * hidden, 2 * in}
        , gru{p / "gru", 2 * hidden, hidden} {}

    struct State {
        unspool::Var h, kl, nll;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Var const none = tape.zeros({batch, 1});
        return {gru.zeros(tape, batch), none, none};
    }
    /// x [B,in], and ε [B,latent], of N(0, 1).
    State operator()(unspool::Var x, unspool::Var noise, State s) const {
        using unspool::Var, unspool::Reduced, unspool::concat, unspool::split;
        double const ln_2pi = std::log(2 * std::numbers::pi);
        Var fx              = tanh(phi_x(x));
        auto [mu0, ls0]     = split<2>(prior(s.h));
        auto [muz, lsz]     = split<2>(enc(concat({fx, s.h}, -1)));
        Var z               = muz + exp(lsz) * noise;
        Var fz              = tanh(phi_z(z));
        auto [mux, lsx]     = split<2>(dec(concat({fz, s.h}, -1)));
        Var d               = ls0 - lsz + (exp(2 * lsz) + square(muz - mu0)) / (2 * exp(2 * ls0)) - 0.5;
        Var l               = lsx + square((x - mux) / exp(lsx)) / 2 + ln_2pi / 2;
        Var kl              = s.kl + sum(d, -1, Reduced::keep);
        Var nll             = s.nll + sum(l, -1, Reduced::keep);
        Var xz              = concat({fx, fz}, -1);
        Var h               = gru(xz, s.h);
        return {h, kl, nll};
    }
};
