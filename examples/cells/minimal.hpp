// minGRU and minLSTM (Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs all we needed?"), sections 3.1 and 3.2: gates
// that see the input alone.
#pragma once
#include <unspool.hpp>

/// z = σ(W_z x)   h̃ = W_h x   h' = (1 − z) ⊙ h + z ⊙ h̃
struct MinGRU {
    unspool::nn::Linear Wz, Wh;

    MinGRU(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : Wz{p / "Wz", in, hidden}, Wh{p / "Wh", in, hidden} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, Wz.out()}); }

    unspool::Var operator()(unspool::Var x, unspool::Var h0) const {
        unspool::Var z = sigmoid(Wz(x));
        unspool::Var h = (1 - z) * h0 + z * Wh(x);
        return h;
    }
};

/// f = σ(W_f x)   i = σ(W_i x)   h̃ = W_h x   h' = f / (f + i) ⊙ h + i / (f + i) ⊙ h̃
struct MinLSTM {
    unspool::nn::Linear Wf, Wi, Wh;

    MinLSTM(unspool::Params p, unspool::Index in, unspool::Index hidden)
        : Wf{p / "Wf", in, hidden}, Wi{p / "Wi", in, hidden}, Wh{p / "Wh", in, hidden} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, Wf.out()}); }

    unspool::Var operator()(unspool::Var x, unspool::Var h0) const {
        unspool::Var f = sigmoid(Wf(x));
        unspool::Var i = sigmoid(Wi(x));
        unspool::Var h = (f * h0 + i * Wh(x)) / (f + i);
        return h;
    }
};
