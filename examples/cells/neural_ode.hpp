// A neural ordinary differential equation between inputs (Chen, Rubanova, Bettencourt and Duvenaud 2018; as a cell, Rubanova, Chen and
// Duvenaud 2019):  dh/dt = tanh(U h + W x) − h, by one step of the classical Runge-Kutta method, of length dt, which may be an input.
#pragma once
#include <unspool.hpp>

struct NeuralODE {
    unspool::nn::Linear W, U;

    NeuralODE(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : W{p / "W", in, hidden}, U{p / "U", hidden, hidden, unspool::nn::no_bias} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, W.out()}); }

    unspool::Var slope(unspool::Var drive, unspool::Var h) const { return tanh(drive + U(h)) - h; }

    unspool::Var operator()(unspool::Var x, unspool::Var dt, unspool::Var h0) const {
        unspool::Var drive = W(x);
        unspool::Var k1    = slope(drive, h0);
        unspool::Var k2    = slope(drive, h0 + dt / 2 * k1);
        unspool::Var k3    = slope(drive, h0 + dt / 2 * k2);
        unspool::Var k4    = slope(drive, h0 + dt * k3);
        unspool::Var h     = h0 + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        return h;
    }
};
