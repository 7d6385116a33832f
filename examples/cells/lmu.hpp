// Legendre memory unit (Voelker, Kajić and Eliasmith 2019), eq. 3 to 7: m holds the last θ steps of u as coefficients of Legendre
// polynomials,  m' = m + (A m + B u) / θ,  u = e_x x + e_h h + e_m m,  h' = tanh(W_x x + W_h h + W_m m').  A and B are fixed.
#pragma once
#include <unspool.hpp>

struct LMU {
    unspool::nn::Linear ex, eh, em, Wx, Wh, Wm;
    unspool::Param &A, &B;

    /// A memory of `order` coefficients over θ steps.
    LMU(unspool::Params p, unspool::Index in, unspool::Index hidden, unspool::Index order, double theta)
        : ex{p / "ex", in, 1, unspool::nn::no_bias}
        , eh{p / "eh", hidden, 1, unspool::nn::no_bias}
        , em{p / "em", order, 1, unspool::nn::no_bias}
        , Wx{p / "Wx", in, hidden}
        , Wh{p / "Wh", hidden, hidden, unspool::nn::no_bias}
        , Wm{p / "Wm", order, hidden, unspool::nn::no_bias}
        , A{p.fixed("A", legendre(order, order, theta))}
        , B{p.fixed("B", legendre(order, 1, theta))} {}

    struct State {
        unspool::Var h, m;
    };
    State zeros(unspool::Tape& tape, unspool::Index batch) const {
        return {tape.zeros({batch, Wh.out()}), tape.zeros({batch, Wm.in()})};
    }
    State operator()(unspool::Var x, State s) const {
        unspool::Var u = ex(x) + eh(s.h) + em(s.m);
        unspool::Var m = s.m + linear(s.m, A) + linear(u, B);
        unspool::Var h = tanh(Wx(x) + Wh(s.h) + Wm(m));
        return {h, m};
    }

    /// a_ij = (2i + 1) / θ · (−1 where i < j, else (−1)^(i−j+1)), and b_i = (2i + 1) / θ · (−1)^i, eq. 4.
    static xt::xarray<double> legendre(unspool::Index rows, unspool::Index columns, double theta) {
        auto out = xt::xarray<double>::from_shape({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
        bool const is_b = columns == 1;
        for (std::size_t i = 0; i < out.shape(0); ++i)
            for (std::size_t j = 0; j < out.shape(1); ++j) {
                double const sign = is_b ? (i % 2 ? -1 : 1) : i < j || (i - j) % 2 == 0 ? -1 : 1;
                out(i, j)         = static_cast<double>(2 * i + 1) / theta * sign;
            }
        return out;
    }
};
