// Child-sum tree-LSTM (Tai, Socher and Manning 2015), eq. 2 to 8: the state of a node from those of its children, k, however many:
//     h̃ = Σ h_k   i = σ(W_i x + U_i h̃)   f_k = σ(W_f x + U_f h_k)   o = σ(W_o x + U_o h̃)   u = tanh(W_u x + U_u h̃)
//     c = i ⊙ u + Σ f_k ⊙ c_k   h = o ⊙ tanh(c)
#pragma once
#include <span>
#include <unspool.hpp>

using namespace unspool;

struct TreeLSTM {
    nn::Linear Wi, Wf, Wo, Wu, Ui, Uf, Uo, Uu;

    TreeLSTM(Params p, Index in, Index hidden)
        : Wi{p / "Wi", in, hidden}
        , Wf{p / "Wf", in, hidden}
        , Wo{p / "Wo", in, hidden}
        , Wu{p / "Wu", in, hidden}
        , Ui{p / "Ui", hidden, hidden, nn::no_bias}
        , Uf{p / "Uf", hidden, hidden, nn::no_bias}
        , Uo{p / "Uo", hidden, hidden, nn::no_bias}
        , Uu{p / "Uu", hidden, hidden, nn::no_bias} {}

    struct State {
        Var h, c;
    };
    State node(Var x, std::span<State const> children) const {
        Var hs = x.tape().zeros({Ui.in()});
        for (State const& k : children) hs = hs + k.h;
        Var i      = sigmoid(Wi(x) + Ui(hs));
        Var o      = sigmoid(Wo(x) + Uo(hs));
        Var u      = tanh(Wu(x) + Uu(hs));
        Var forget = Wf(x);
        Var c      = i * u;
        for (State const& k : children) c = c + sigmoid(forget + Uf(k.h)) * k.c;
        Var h = o * tanh(c);
        return {h, c};
    }

    /// A chain is a tree too, which can be scanned.
    State operator()(Var x, State s) const { return node(x, {&s, 1}); }
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{Ui.in()}}); }
};
