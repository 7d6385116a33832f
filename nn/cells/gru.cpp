// One step of a gated recurrent unit.
#include <unspool/nn/cells/gru.hpp>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/layout.hpp>

namespace unspool {

Var Gru::operator()(Var x, Var h0, Where where) const {
    gates.require_shapes("gru", x, {{"h", h0}}, where);
    auto const& [W, U] = gates;
    auto [rx, zx, nx]  = split<3>(W(x));
    auto [rh, zh, nh]  = split<3>(U(h0));

    auto r = sigmoid(rx + rh), z = sigmoid(zx + zh);
    Var  n = tanh(nx + r * nh);
    Var  h = n + z * (h0 - n);  // (1 - z) * n + z * h0
    return h;
}

}  // namespace unspool
