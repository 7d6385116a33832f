// Leaky integrate-and-fire units (Neftci, Mostafa and Zenke 2019), which fire where their potential is above 1, and then lose that much:
//     V' = β V − S + W x + U S   S' = 1 where V' > 1, else 0
// In the backward sweep the jump counts as the surrogate of SuperSpike (Zenke and Ganguli 2018):  dS/dV = 1 / (1 + k |V − 1|)²
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct LIF {
    nn::Linear W, U;
    double beta;

    LIF(Params p, Index in, Index hidden, double decay = 0.9)
        : W{p / "W", in, hidden}, U{p / "U", hidden, hidden, nn::no_bias}, beta{decay} {}

    struct State {
        Var h, V;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{W.out()}}); }
    State operator()(Var x, State s) const {
        Var I = W(x) + U(s.h);
        Var V = beta * s.V - s.h + I;
        Var h = spike(V - 1, 5);
        return {h, V};
    }
};
