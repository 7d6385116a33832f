// A neural ordinary differential equation between inputs (Chen, Rubanova, Bettencourt and Duvenaud 2018; as a cell, Rubanova, Chen and
// Duvenaud 2019):  dh/dt = tanh(U h + W x) − h, by one step of the classical Runge-Kutta method, of length dt, which may be an input.
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct NeuralODE {
    nn::Linear W, U;

    NeuralODE(Params p, Index in, Index hidden) : W{p / "W", in, hidden}, U{p / "U", hidden, hidden, nn::no_bias} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }

    Var slope(Var drive, Var h) const { return tanh(drive + U(h)) - h; }

    Var operator()(Var x, Var dt, Var h0) const {
        Var drive = W(x);
        Var k1    = slope(drive, h0);
        Var k2    = slope(drive, h0 + dt / 2 * k1);
        Var k3    = slope(drive, h0 + dt / 2 * k2);
        Var k4    = slope(drive, h0 + dt * k3);
        Var h     = h0 + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        return h;
    }
};
