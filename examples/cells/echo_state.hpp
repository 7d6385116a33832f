// Echo state network (Jaeger 2001), with leaky units (Jaeger, Lukoševičius, Popovici and Siewert 2007, eq. 2): a random reservoir of
// a given spectral radius that is never trained,  h' = (1 − a) h + a tanh(W x + U h).
#pragma once
#include <unspool.hpp>

using namespace unspool;

struct EchoState {
    Param &W, &U;
    double a;

    EchoState(Params p, Index in, Index hidden, double radius = 0.9, double leak = 0.3)
        : W{p.fixed("W", random(p, hidden, in))}, U{p.fixed("U", reservoir(p, hidden, radius))}, a{leak} {}

    using State = Var;
    State zeros(Tape& tape, Index batch) const { return tape.zeros({batch, U.shape()[0]}); }

    Var operator()(Var x, Var h0) const {
        Var h = (1 - a) * h0 + a * tanh(linear(x, W) + linear(h0, U));
        return h;
    }

    static xt::xarray<double> random(Params p, Index rows, Index columns) {
        auto out = xt::xarray<double>::from_shape({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
        for (double& x : out) x = p.random().normal();
        return out;
    }
    /// Random numbers, divided by the largest magnitude of an eigenvalue: how much the last 200 of 400 products stretch a vector by.
    static xt::xarray<double> reservoir(Params p, Index n, double radius) {
        xt::xarray<double> const u = random(p, n, n);
        xt::xarray<double> x       = random(p, n, 1);
        double growth              = 0;
        for (int k = 0; k < 400; ++k) {
            xt::xarray<double> const y = xt::sum(u * xt::reshape_view(x, {1, static_cast<int>(n)}), {1});
            double const norm          = std::sqrt(xt::sum(y * y)());
            growth += k < 200 ? 0 : std::log(norm);
            x = y / norm;
        }
        return u * (radius / std::exp(growth / 200));
    }
};
