// One step of an Elman network.
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/ops/elementwise.hpp>

namespace unspool {

Var Rnn::operator()(Var x, Var h0, Where where) const {
    gates.require_shapes("rnn", x, {{"h", h0}}, where);
    auto const& [W, U] = gates;

    Var h = tanh(W(x) + U(h0));
    return h;
}

}  // namespace unspool
