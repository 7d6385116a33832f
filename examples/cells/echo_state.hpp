// Echo state network (Jaeger 2001), with leaky units (Jaeger, Lukoševičius, Popovici and Siewert 2007, eq. 2): a random reservoir of
// a given spectral radius that is never trained,  h' = (1 − a) h + a tanh(W x + U h).
#pragma once
#include <unspool.hpp>

struct EchoState {
    unspool::Param &W, &U;
    double a;

    EchoState(unspool::Params p, unspool::Index in, unspool::Index hidden, double radius = 0.9, double leak = 0.3)
        : W{p.fixed("W", random(p, hidden, in))}, U{p.fixed("U", reservoir(p, hidden, radius))}, a{leak} {}

    using State = unspool::Var;
    State zeros(unspool::Tape& tape, unspool::Index batch) const { return tape.zeros({batch, U.shape()[0]}); }

    unspool::Var operator()(unspool::Var x, unspool::Var h0) const {
        unspool::Var h = (1 - a) * h0 + a * tanh(linear(x, W) + linear(h0, U));
        return h;
    }

    static xt::xarray<double> random(unspool::Params p, unspool::Index rows, unspool::Index columns) {
        auto out = xt::xarray<double>::from_shape({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
        for (double& x : out) x = p.random().normal();
        return out;
    }
    /// Random numbers, divided by the largest magnitude of an eigenvalue: how much 400 products stretch a vector by, on the average.
    static xt::xarray<double> reservoir(unspool::Params p, unspool::Index n, double radius) {
        xt::xarray<double> const u = random(p, n, n);
        xt::xarray<double> x       = random(p, n, 1);
        double growth              = 0;
        int const steps            = 400;
        for (int k = 0; k < steps; ++k) {
            xt::xarray<double> const y = xt::sum(u * xt::reshape_view(x, {1, static_cast<int>(n)}), {1});
            double const norm          = std::sqrt(xt::sum(y * y)());
            growth += k < steps / 2 ? 0 : std::log(norm);
            x = y / norm;
        }
        return u * (radius / std::exp(growth / (steps / 2)));
    }
};
