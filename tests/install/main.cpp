// A user's program: it knows the library by its umbrella header alone.
#include <cmath>
#include <cstdio>
#include <unspool.hpp>
#include <xtensor/xtensor.hpp>

using namespace unspool;
using namespace unspool::core;

/// f = σ(W x + u ⊙ h + b)   h' = (1 − f) ⊙ h + f ⊙ x
struct Gate {
    Param &W, &u, &b;
    explicit Gate(Params p)
        : W(p.constant("W", {1, 1}, 0.8)), u(p.constant("u", {1}, 0.3)), b(p.constant("b", {1}, 0.1)) {}

    Var operator()(Var x, Var h) const {
        Var f = sigmoid(linear(x, W) + u * h + b);
        return (1 - f) * h + f * x;
    }
};

int main() {
    Params params(0, float64);
    Gate const cell(params / "cell");
    Tape tape(float64);
    Var const x = tape.input(xt::xtensor<double, 2>{{0.5}}, "x"), h = tape.input(xt::xtensor<double, 2>{{-0.25}}, "h");
    Var const y       = cell(x, h);
    Gradients const g = backward(y);

    double const f     = 1 / (1 + std::exp(-(0.8 * 0.5 - 0.3 * 0.25 + 0.1)));
    double const value = (1 - f) * -0.25 + f * 0.5, dW = (0.5 + 0.25) * f * (1 - f) * 0.5;
    std::printf("%.15f %.15f\n", y.item(), g[cell.W].item());
    return std::abs(y.item() - value) < 1e-14 && std::abs(g[cell.W].item() - dW) < 1e-14 ? 0 : 1;
}
