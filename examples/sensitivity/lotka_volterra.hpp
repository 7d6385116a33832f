// Prey and predators: Lotka (1925), Volterra (1926).
//     dx/dt = α x − β x y,      dy/dt = δ x y − γ y
#pragma once
#include <unspool.hpp>

namespace sensitivity {

using namespace unspool;

/// One step of length dt, by as many of the classical Runge-Kutta method as `substeps`.
struct LotkaVolterra {
    struct State {
        Var x, y;
        friend Var output_of(State const& s) { return stack({s.x, s.y}, -1); }
    };

    Param &alpha, &beta, &gamma, &delta;
    Index substeps;

    LotkaVolterra(Params p, std::array<double, 4> rates, Index n)
        : alpha(p.constant("alpha", {1}, rates[0]))
        , beta(p.constant("beta", {1}, rates[1]))
        , gamma(p.constant("gamma", {1}, rates[2]))
        , delta(p.constant("delta", {1}, rates[3]))
        , substeps(n) {}

    State slope(State const& s) const {
        Var dx = (alpha - beta * s.y) * s.x;
        Var dy = (delta * s.x - gamma) * s.y;
        return {dx, dy};
    }
    static State ahead(State const& s, Var dt, State const& d) {
        Var x = s.x + dt * d.x, y = s.y + dt * d.y;
        return {x, y};
    }
    State operator()(Var dt, State s) const {
        Var const whole = dt / substeps, half = whole / 2;
        for (Index k = 0; k < substeps; ++k) {
            State const k1 = slope(s), k2 = slope(ahead(s, half, k1)), k3 = slope(ahead(s, half, k2)),
                        k4 = slope(ahead(s, whole, k3));
            Var x          = s.x + whole / 6 * (k1.x + 2 * k2.x + 2 * k3.x + k4.x);
            Var y          = s.y + whole / 6 * (k1.y + 2 * k2.y + 2 * k3.y + k4.y);
            s              = {x, y};
        }
        return s;
    }
};

}  // namespace sensitivity
