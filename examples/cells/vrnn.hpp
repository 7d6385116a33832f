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

using namespace unspool;

struct VRNN {
    nn::Linear phi_x, phi_z, prior, enc, dec;
    nn::GRUCell gru;

    VRNN(Params p, Index in, Index hidden, Index latent)
        : phi_x{p / "phi_x", in, hidden}
        , phi_z{p / "phi_z", latent, hidden}
        , prior{p / "prior", hidden, 2 * latent}
        , enc{p / "enc", 2 * hidden, 2 * latent}
        , dec{p / "dec", 2 * hidden, 2 * in}
        , gru{p / "gru", 2 * hidden, hidden} {}

    struct State {
        Var h, kl, nll;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{gru.out()}, {1}, {1}}); }
    /// x [B,in], and ε [B,latent], of N(0, 1).
    State operator()(Var x, Var noise, State s) const {
        double const ln_2pi = std::log(2 * std::numbers::pi);
        Var fx              = tanh(phi_x(x));
        auto [mu0, ls0]     = split<2>(prior(s.h));
        auto [muz, lsz]     = split<2>(enc(concat({fx, s.h}, -1)));
        Var z               = muz + exp(lsz) * noise;
        Var fz              = tanh(phi_z(z));
        auto [mux, lsx]     = split<2>(dec(concat({fz, s.h}, -1)));
        Var kl              = s.kl + sum(gaussian_kl(muz, 2 * lsz, mu0, 2 * ls0, Over::none), -1, Reduced::keep);
        Var nll = s.nll + sum(gaussian_nll(mux, x, exp(2 * lsx), Over::none) + ln_2pi / 2, -1, Reduced::keep);
        Var xz  = concat({fx, fz}, -1);
        Var h   = gru(xz, s.h);
        return {h, kl, nll};
    }
};
