// One step of an IRNN, and how it starts.
#include <algorithm>
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/cells/irnn.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

IRNNCell::IRNNCell(Params p, Index in, Index hidden, double scale, Where where)
    : W(p / "W", in, hidden, Bias::with, where), U(p / "U", hidden, hidden, no_bias, where) {
    dispatch(p.dtype(), [&](auto t) {
        using T = decltype(t);
        auto w = W.weight.mutable_value<T>(), u = U.weight.mutable_value<T>();
        Random& random = p.random();
        for (T& x : w) x = static_cast<T>(0.001 * random.normal());
        u.fill(0);
        for (std::size_t i = 0; i < static_cast<std::size_t>(hidden); ++i) u(i, i) = static_cast<T>(scale);
        W.bias->assign(0);
    });
}

Var IRNNCell::operator()(Var x, Var h0, Where where) const {
    require_step("irnn", W, U, x, h0, where);
    Var h = relu(W(x) + U(h0));
    return h;
}

Var IRNNCell::zeros(Tape& tape, Index batch) const { return tape.zeros({batch, out()}); }

}  // namespace unspool::nn
