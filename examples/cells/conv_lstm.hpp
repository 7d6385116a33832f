// Convolutional LSTM (Shi, Chen, Wang, Yeung, Wong and Woo 2015), eq. 3: states are images [B,C,H,W], ∗ a convolution that keeps their size.
//     i = σ(W_xi ∗ x + W_hi ∗ h + w_ci ⊙ c + b_i)   f = σ(W_xf ∗ x + W_hf ∗ h + w_cf ⊙ c + b_f)
//     c' = f ⊙ c + i ⊙ tanh(W_xc ∗ x + W_hc ∗ h + b_c)
//     o = σ(W_xo ∗ x + W_ho ∗ h + w_co ⊙ c' + b_o)  h' = o ⊙ tanh(c')
#pragma once
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

struct ConvLSTM {
    Param &Wx, &Wh, &b, &wci, &wcf, &wco;

    /// Kernels of k × k, for an odd k, of the four gates, in one; the weights to the gates from the cells are one a channel and pixel.
    ConvLSTM(Params p, Index in, Index hidden, Index k, Index height, Index width)
        : Wx{p.uniform("Wx", {4 * hidden, in, k, k}, -bound(in, k), bound(in, k))}
        , Wh{p.uniform("Wh", {4 * hidden, hidden, k, k}, -bound(hidden, k), bound(hidden, k))}
        , b{p.zeros("b", {4 * hidden, 1, 1})}
        , wci{p.zeros("wci", {hidden, height, width})}
        , wcf{p.zeros("wcf", {hidden, height, width})}
        , wco{p.zeros("wco", {hidden, height, width})} {}

    struct State {
        Var h, c;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {wci.shape()}); }
    State operator()(Var x, State s) const {
        Index const padding   = Wx.shape()[2] / 2;
        Var z                 = conv2d(x, Wx, {.padding = padding}) + conv2d(s.h, Wh, {.padding = padding}) + b;
        auto [zi, zf, zc, zo] = split<4>(z, -3);
        Var i                 = sigmoid(zi + wci * s.c);
        Var f                 = sigmoid(zf + wcf * s.c);
        Var c                 = f * s.c + i * tanh(zc);
        Var o                 = sigmoid(zo + wco * c);
        Var h                 = o * tanh(c);
        return {h, c};
    }

    static double bound(Index channels, Index k) { return 1 / std::sqrt(static_cast<double>(channels * k * k)); }
};
