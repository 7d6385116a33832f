// Legendre memory unit (Voelker, Kajić and Eliasmith 2019), eq. 3 to 7: m holds the last θ steps of u as coefficients of Legendre
// polynomials,  m' = m + (A m + B u) / θ,  u = e_x x + e_h h + e_m m,  h' = tanh(W_x x + W_h h + W_m m').  A and B are fixed.
#pragma once
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

struct LMU {
    nn::Linear ex, eh, em, Wx, Wh, Wm;
    Param &A, &B;

    /// A memory of `order` coefficients over θ steps.
    LMU(Params p, Index in, Index hidden, Index order, double theta)
        : ex{p / "ex", in, 1, nn::no_bias}
        , eh{p / "eh", hidden, 1, nn::no_bias}
        , em{p / "em", order, 1, nn::no_bias}
        , Wx{p / "Wx", in, hidden}
        , Wh{p / "Wh", hidden, hidden, nn::no_bias}
        , Wm{p / "Wm", order, hidden, nn::no_bias}
        , A{p.fixed("A", legendre(order, theta))}
        , B{p.fixed("B", -xt::view(legendre(order, theta), xt::all(), xt::range(0, 1)))} {}

    struct State {
        Var h, m;
    };
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{Wh.out()}, {Wm.in()}}); }
    State operator()(Var x, State s) const {
        Var u = ex(x) + eh(s.h) + em(s.m);
        Var m = s.m + linear(s.m, A) + linear(u, B);
        Var h = tanh(Wx(x) + Wh(s.h) + Wm(m));
        return {h, m};
    }

    /// a_ij = (2i + 1) / θ · (−1 where i < j, else (−1)^(i−j+1)), and b_i = (2i + 1) / θ · (−1)^i = −a_i0, eq. 4.
    static xt::xarray<double> legendre(Index order, double theta) {
        xt::xarray<double> const j = xt::arange<double>(static_cast<double>(order)),
                                 i = xt::view(j, xt::all(), xt::newaxis());
        return (2 * i + 1) / theta * xt::where(i < j, -1., 2 * xt::fmod(i - j, 2.) - 1);
    }
};
