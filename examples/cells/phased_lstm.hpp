// Phased LSTM (Neil, Pfeiffer and Liu 2016): an LSTM with peepholes whose units take part where their gate of time is open, eq. 6 to 10:
//     φ = ((t − s) mod τ) / τ   k = 2φ/r where φ < r/2, 2 − 2φ/r where φ < r, else αφ
//     h̃, c̃ = LSTM(x, h, c)      c' = k ⊙ c̃ + (1 − k) ⊙ c      h' = k ⊙ h̃ + (1 − k) ⊙ h
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct PhasedLSTM {
    nn::LSTMCell lstm;
    Param &log_tau, &s;
    double r, alpha;

    /// Open for `open` of each period, and leaking otherwise; periods are from 1 to e³ at the start.
    PhasedLSTM(Params p, Index in, Index hidden, double open = 0.05, double leak = 0.001)
        : lstm{p / "lstm", in, hidden, {.peepholes = true}}
        , log_tau{p.uniform("log_tau", {hidden}, 0, 3)}
        , s{p.uniform("s", {hidden}, 0, 20)}
        , r{open}
        , alpha{leak} {}

    using State = nn::LSTMCell::State;
    State zeros(Tape& tape, Index batch) const { return lstm.zeros(tape, batch); }

    State operator()(Var x, Var t, State last) const {
        Var turns        = (t - s) / exp(log_tau);
        Var phi          = turns - floor(turns);
        Var k            = where(phi < r / 2, 2 * phi / r, where(phi < r, 2 - 2 * phi / r, alpha * phi));
        State const next = lstm(x, last);
        Var c            = k * next.c + (1 - k) * last.c;
        Var h            = k * next.h + (1 - k) * last.h;
        return {h, c};
    }
};
