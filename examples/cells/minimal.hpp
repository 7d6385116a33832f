// minGRU and minLSTM (Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs all we needed?"), sections 3.1 and 3.2: gates
// that see the input alone.
#pragma once
#include <unspool.hpp>

using namespace unspool;

/// z = σ(W_z x)   h̃ = W_h x   h' = (1 − z) ⊙ h + z ⊙ h̃
struct MinGRU {
    nn::Linear Wz, Wh;

    MinGRU(Params p, Index in, Index hidden) : Wz{p / "Wz", in, hidden}, Wh{p / "Wh", in, hidden} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, Wz.out()}); }

    Var operator()(Var x, Var h0) const {
        Var z = sigmoid(Wz(x));
        Var h = (1 - z) * h0 + z * Wh(x);
        return h;
    }
};

/// f = σ(W_f x)   i = σ(W_i x)   h̃ = W_h x   h' = f / (f + i) ⊙ h + i / (f + i) ⊙ h̃
struct MinLSTM {
    nn::Linear Wf, Wi, Wh;

    MinLSTM(Params p, Index in, Index hidden)
        : Wf{p / "Wf", in, hidden}, Wi{p / "Wi", in, hidden}, Wh{p / "Wh", in, hidden} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, Wf.out()}); }

    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(Wf(x));
        Var i = sigmoid(Wi(x));
        Var h = (f * h0 + i * Wh(x)) / (f + i);
        return h;
    }
};
