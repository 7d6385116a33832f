// S4D (Gu, Gupta, Goel and Ré 2022): each feature u drives a diagonal state space of its own, dx/dt = A x + u, discretised by zero-order hold,
//     Ā = exp(Δ A)   B̄ = (Ā − 1) / A   x' = Ā ⊙ x + B̄ u   h' = 2 Re Σ_n C_n x'_n + D u
// Complex numbers are pairs of real ones, A = −exp(log_a) + b i, which starts as S4D-Lin, −½ + π n i.
#pragma once
#include <cmath>
#include <numbers>
#include <unspool.hpp>

using namespace unspool;

struct S4D {
    Param &log_dt, &log_a, &b, &C_re, &C_im, &D;

    /// Features, each with so many states; steps Δ start between these two.
    S4D(Params p, Index features, Index n, double shortest = 0.001, double longest = 0.1)
        : log_dt{p.uniform("log_dt", {features, 1}, std::log(shortest), std::log(longest))}
        , log_a{p.constant("log_a", {features, n}, std::log(0.5))}
        , b{p.trained("b", xt::broadcast(std::numbers::pi * xt::arange<double>(static_cast<double>(n)), {features, n}))}
        , C_re{p.normal("C_re", {features, n}, 0, std::sqrt(0.5))}
        , C_im{p.normal("C_im", {features, n}, 0, std::sqrt(0.5))}
        , D{p.normal("D", {features}, 0, 1)} {}

    struct State {
        Var h, re, im;
    };
    State zeros(Tape& tape, Index batch) const {
        return states::zeros<State>(tape, batch, {D.shape(), b.shape(), b.shape()});
    }
    State operator()(Var u, State x) const {
        Var dt   = exp(u.tape().lift(log_dt));
        Var a    = -exp(u.tape().lift(log_a));
        Var A_re = exp(dt * a) * cos(dt * b);
        Var A_im = exp(dt * a) * sin(dt * b);
        Var B_re = ((A_re - 1) * a + A_im * b) / (square(a) + square(b));
        Var B_im = (A_im * a - (A_re - 1) * b) / (square(a) + square(b));
        Var un   = unsqueeze(u, -1);
        Var re   = A_re * x.re - A_im * x.im + B_re * un;
        Var im   = A_im * x.re + A_re * x.im + B_im * un;
        Var h    = 2 * sum(C_re * re - C_im * im, -1) + D * u;
        return {h, re, im};
    }
};
