// Leaky integrate-and-fire units (Neftci, Mostafa and Zenke 2019), which fire where their potential is above 1, and then lose that much:
//     V' = β V − S + W x + U S   S' = 1 where V' > 1, else 0
// In the backward sweep the jump counts as the surrogate of SuperSpike (Zenke and Ganguli 2018):  dS/dV = 1 / (1 + k |V − 1|)²
#pragma once
#include <unspool.hpp>

struct LIF {
    unspool::nn::Linear W, U;
    double beta;

    LIF(unspool::Params p, unspool::Index in, unspool::Index hidden, double decay = 0.9)
        : W{p / "W", in, hidden}, U{p / "U", hidden, hidden, unspool::nn::no_bias}, beta{decay} {}

    struct State {
        unspool::Var h, V;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Var const none = tape.zeros({batch, W.out()});
        return {none, none};
    }
    State operator()(unspool::Var x, State s) const {
        unspool::Var I = W(x) + U(s.h);
        unspool::Var V = beta * s.V - s.h + I;
        unspool::Var h = spike(V - 1, 5);
        return {h, V};
    }
};
