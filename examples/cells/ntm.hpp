// Neural Turing machine (Graves, Wayne and Danihelka 2014), addressed by content.  One head, which reads what the controller sees, eq. 2,
// is moved, eq. 5 to 7, and erases and adds, eq. 3 and 4:
//     r = Σ_i w(i) M(i)       h' = controller([x, r], h)      k, β, g, e, a: functions of h'
//     w' = g softmax(β k·M / |k||M|) + (1 − g) w              M'(i) = M(i) ⊙ (1 − w'(i) e) + w'(i) a
#pragma once
#include <unspool.hpp>

/// The controller is any cell, or what has no memory of its own.
template <class Controller = unspool::nn::LSTMCell> struct NTM {
    Controller controller;
    unspool::nn::Linear Wk, wb, wg, We, Wa;
    unspool::Param& M0;

    /// A memory of `rows` vectors of `width`.
    NTM(unspool::Params p, unspool::Index in, unspool::Index hidden, unspool::Index rows, unspool::Index width)
        : controller{p / "controller", in + width, hidden}
        , Wk{p / "Wk", hidden, width}
        , wb{p / "wb", hidden, 1}
        , wg{p / "wg", hidden, 1}
        , We{p / "We", hidden, width}
        , Wa{p / "Wa", hidden, width}
        , M0{p.normal("M0", {rows, width}, 0, 1)} {}

    struct State {
        unspool::Var M, w;
        typename Controller::State controller;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        unspool::Index const rows = M0.shape()[0];
        unspool::Var const M      = broadcast_to(tape.lift(M0), {batch, rows, M0.shape()[1]});
        return {M, tape.zeros({batch, rows}), controller.zeros(tape, batch)};
    }
    State operator()(unspool::Var x, State s) const {
        using unspool::Var, unspool::Reduced, unspool::concat, unspool::output_of;
        Var r           = sum(unsqueeze(s.w, -1) * s.M, -2);
        Var xr          = concat({x, r}, -1);
        auto const next = controller(xr, s.controller);
        Var h           = output_of(next);
        Var k           = tanh(Wk(h));
        Var beta        = softplus(wb(h));
        Var g           = sigmoid(wg(h));
        Var e           = sigmoid(We(h));
        Var a           = tanh(Wa(h));
        Var K           = sum(s.M * unsqueeze(k, -2), -1) / (norm2(s.M, -1) * norm2(k, -1, Reduced::keep) + 1e-8);
        Var w           = g * softmax(beta * K) + (1 - g) * s.w;
        Var at          = unsqueeze(w, -1);
        Var M           = s.M * (1 - at * unsqueeze(e, -2)) + at * unsqueeze(a, -2);
        return {M, w, next};
    }
    friend unspool::Var output_of(State const& s) { return unspool::output_of(s.controller); }
};
