// Selective state space, the core of Mamba (Gu and Dao 2023), algorithm 2 and eq. 4: what enters, what leaves and how long a step is depend
// on the input x.
//     Δ = softplus(w_Δ x + b)   Ā = exp(Δ A)   B̄ = (Ā − 1) / A ⊙ W_B x   s' = Ā ⊙ s + B̄ x   h' = s' W_C x + D ⊙ x
// A = −exp(log_a) starts as S4D-Real, −1, −2, …
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct SelectiveSSM {
    nn::Linear wd, WB, WC;
    Param &b, &log_a, &D;

    /// Features, each with so many states.
    SelectiveSSM(Params p, Index features, Index n)
        : wd{p / "wd", features, 1, nn::no_bias}
        , WB{p / "WB", features, n, nn::no_bias}
        , WC{p / "WC", features, n, nn::no_bias}
        , b{p.zeros("b", {features})}
        , log_a{p.trained("log_a",
                          xt::broadcast(xt::log(xt::arange<double>(1, static_cast<double>(n + 1))), {features, n}))}
        , D{p.constant("D", {features}, 1)} {}

    struct State {
        Var h, s;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {b.shape(), log_a.shape()}); }
    State operator()(Var x, State last) const {
        Var A     = -exp(x.tape().lift(log_a));
        Var dt    = softplus(wd(x) + b);
        Var A_bar = exp(unsqueeze(dt, -1) * A);
        Var B_bar = (A_bar - 1) / A * unsqueeze(WB(x), -2);
        Var s     = A_bar * last.s + B_bar * unsqueeze(x, -1);
        Var h     = sum(s * unsqueeze(WC(x), -2), -1) + D * x;
        return {h, s};
    }
};
