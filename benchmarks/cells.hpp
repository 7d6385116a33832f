// Cells that the library does not ship, written as a user would who has only the paper: with no thought of speed.  The minimal
// gated unit, which is another one, is that of the examples.
#pragma once
#include <mgu.hpp>

namespace bench {

using namespace unspool;
using namespace unspool::core;

/// Long short-term memory with peepholes (Gers and Schmidhuber, 2000):
///     i = σ(W_i x + U_i h + p_i ⊙ c + b_i)    f = σ(W_f x + U_f h + p_f ⊙ c + b_f)    c' = f ⊙ c + i ⊙ tanh(W_g x + U_g h + b_g)
///     o = σ(W_o x + U_o h + p_o ⊙ c' + b_o)   h' = o ⊙ tanh(c')
struct PeepholeLstm {
    using State = nn::LSTMCell::State;

    nn::Linear Wi, Ui, Wf, Uf, Wg, Ug, Wo, Uo;
    Param &pi, &pf, &po;

    PeepholeLstm(Params p, Index in, Index hidden)
        : Wi(p / "Wi", in, hidden)
        , Ui(p / "Ui", hidden, hidden, nn::no_bias)
        , Wf(p / "Wf", in, hidden)
        , Uf(p / "Uf", hidden, hidden, nn::no_bias)
        , Wg(p / "Wg", in, hidden)
        , Ug(p / "Ug", hidden, hidden, nn::no_bias)
        , Wo(p / "Wo", in, hidden)
        , Uo(p / "Uo", hidden, hidden, nn::no_bias)
        , pi(p.uniform("pi", {hidden}, -0.1, 0.1))
        , pf(p.uniform("pf", {hidden}, -0.1, 0.1))
        , po(p.uniform("po", {hidden}, -0.1, 0.1)) {}

    State operator()(Var x, State s) const {
        Var i = sigmoid(Wi(x) + Ui(s.h) + pi * s.c);
        Var f = sigmoid(Wf(x) + Uf(s.h) + pf * s.c);
        Var c = f * s.c + i * tanh(Wg(x) + Ug(s.h));
        Var o = sigmoid(Wo(x) + Uo(s.h) + po * c);
        Var h = o * tanh(c);
        return {h, c};
    }
};

/// y = γ ⊙ (x − μ) / √(σ² + ε) + β, with the mean and the variance of the last axis (Ba, Kiros and Hinton, 2016).  γ starts at 0.1, as
/// in Cooijmans et al. (2017); at 1, errors of rounding grow from step to step.
struct LayerNorm {
    Param &gain, &bias;

    LayerNorm(Params p, Index size) : gain(p.constant("gain", {size}, 0.1)), bias(p.zeros("bias", {size})) {}

    Var operator()(Var x) const {
        Var y = gain * layer_norm(x) + bias;
        return y;
    }
};

/// Long short-term memory with layer normalisation, of the same authors:
///     i f g o = LN(W x) + LN(U h) + b      c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)      h' = σ(o) ⊙ tanh(LN(c'))
struct LayerNormLstm {
    using State = nn::LSTMCell::State;

    nn::Linear W, U;
    LayerNorm norm_x, norm_h, norm_c;

    LayerNormLstm(Params p, Index in, Index hidden)
        : W(p / "W", in, 4 * hidden, nn::no_bias)
        , U(p / "U", hidden, 4 * hidden, nn::no_bias)
        , norm_x(p / "norm_x", 4 * hidden)
        , norm_h(p / "norm_h", 4 * hidden)
        , norm_c(p / "norm_c", hidden) {}

    State operator()(Var x, State s) const {
        Var z             = norm_x(W(x)) + norm_h(U(s.h));
        auto [i, f, g, o] = split<4>(z);
        Var c             = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
        Var h             = sigmoid(o) * tanh(norm_c(c));
        return {h, c};
    }
};

/// The update gate network of Collins, Sohl-Dickstein and Sussillo (2017), two equations:
///     g = σ(W_g x + U_g h + b_g)      h' = g ⊙ h + (1 − g) ⊙ tanh(W_c x + U_c h + b_c)
struct Ugrnn {
    nn::Linear Wg, Ug, Wc, Uc;

    Ugrnn(Params p, Index in, Index hidden)
        : Wg(p / "Wg", in, hidden)
        , Ug(p / "Ug", hidden, hidden, nn::no_bias)
        , Wc(p / "Wc", in, hidden)
        , Uc(p / "Uc", hidden, hidden, nn::no_bias) {}

    Var operator()(Var x, Var h0) const {
        Var g = sigmoid(Wg(x) + Ug(h0));
        Var h = g * h0 + (1 - g) * tanh(Wc(x) + Uc(h0));
        return h;
    }
};

}  // namespace bench
