// One step of an Elman network.
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

Var RNNCell::operator()(Var x, Var h0, Where where) const {
    gates.require_shapes("rnn", x, {{"h", h0}}, where);
    Linear const &W = gates.W, &U = gates.U;
    if (options_.activation) return options_.activation(W(x) + U(h0));

    Var h = tanh(W(x) + U(h0));
    return h;
}

}  // namespace unspool::nn
