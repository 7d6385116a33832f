// Neural Turing machine (Graves, Wayne and Danihelka 2014), addressed by content.  One head, which reads what the controller sees, eq. 2,
// is moved, eq. 5 to 7, and erases and adds, eq. 3 and 4:
//     r = Σ_i w(i) M(i)       h' = controller([x, r], h)      k, β, g, e, a: functions of h'
//     w' = g softmax(β k·M / |k||M|) + (1 − g) w              M'(i) = M(i) ⊙ (1 − w'(i) e) + w'(i) a
#pragma once
#include <unspool.hpp>

using namespace unspool;

/// The controller is any cell, or what has no memory of its own.
template <class Controller = nn::LSTMCell> struct NTM {
    Controller controller;
    nn::Linear Wk, wb, wg, We, Wa;
    Param& M0;

    /// A memory of `rows` vectors of `width`.
    NTM(Params p, Index in, Index hidden, Index rows, Index width)
        : controller{p / "controller", in + width, hidden}
        , Wk{p / "Wk", hidden, width}
        , wb{p / "wb", hidden, 1}
        , wg{p / "wg", hidden, 1}
        , We{p / "We", hidden, width}
        , Wa{p / "Wa", hidden, width}
        , M0{p.normal("M0", {rows, width}, 0, 1)} {}

    struct State {
        Var M, w;
        typename Controller::State h;
    };
    State zeros(Tape& tape, Index batch) const {
        return {M0 + tape.zeros({batch, 1, 1}), tape.zeros({batch, M0.shape()[0]}), controller.zeros(tape, batch)};
    }
    State operator()(Var x, State s) const {
        Var r = sum(unsqueeze(s.w, -1) * s.M, -2);
        Var h = output_of(s.h = controller(concat({x, r}, -1), s.h));
        Var k = tanh(Wk(h)), beta = softplus(wb(h)), g = sigmoid(wg(h)), e = sigmoid(We(h)), a = tanh(Wa(h));
        Var K = sum(s.M * unsqueeze(k, -2), -1) / (norm2(s.M, -1) * norm2(k, -1, Reduced::keep) + 1e-8);
        Var w = g * softmax(beta * K) + (1 - g) * s.w;
        Var M = s.M * (1 - unsqueeze(w, -1) * unsqueeze(e, -2)) + unsqueeze(w, -1) * unsqueeze(a, -2);
        return {M, w, s.h};
    }
};
