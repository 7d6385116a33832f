// Derivatives of derivatives, of a cell of one's own: how a loss curves along its gradient, and so how far to step; and a penalty on a
// gradient, which is differentiated in its turn.
#include <cstdio>

#include "mgu.hpp"

namespace {

/// The squared error of a cell's last state, which is to be the mean of all inputs it saw, of a sequence [T,B,in].
Var loss_of(Mgu const& cell, Var xs) {
    Var const last = scan(cell, xs, cell.zeros(xs.tape(), xs.size(1))).state;
    return mse(last, broadcast_to(mean(xs, {0, 2}, Reduced::drop)[0], last.shape()));
}

}  // namespace

int main() {
    Params params(1, float64);
    Mgu const cell(params / "mgu", 2, 8);
    Random random(2);
    xt::xarray<double> data = xt::zeros<double>({6, 4, 2});
    for (double& x : data) x = random.uniform(-1, 1);

    Tape tape(float64);
    Var const xs = tape.input(data, "xs"), loss = loss_of(cell, xs);

    // A gradient is a list of Vars, on the tape like all others.
    std::vector<Var> const g  = gradient(loss, params);
    std::vector<Var> const hg = hvp(loss, params, g);  // the Hessian times the gradient
    double const slope = inner(g, g).item(), curvature = inner(g, hg).item(), step = slope / curvature;
    double const before = loss.item(), foreseen = before - slope * slope / curvature / 2;
    std::printf("loss %.5f; along its gradient it curves by %.4f, so a step of %.2f leads to about %.5f\n", before,
                curvature / slope, step, foreseen);

    // How strongly the loss depends on its inputs, as a loss.
    Var const penalty          = sum(square(gradient(loss, xs)));
    Gradients const of_penalty = backward(loss + 10 * penalty);
    std::printf("gradient penalty %.5f, and its part of the gradient of Wf %.2e\n", penalty.item(),
                xt::amax(xt::abs(of_penalty[cell.Wf.weight].value<double>()))());

    std::vector<double> weights = params.flatten(), direction = backward(loss).flatten(params);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] -= step * direction[k];
    params.assign_flat(weights);
    tape.rewind();
    double const after = loss_of(cell, tape.input(data)).item();
    std::printf("it is %.5f there\n", after);
    return after < before ? 0 : 1;
}
