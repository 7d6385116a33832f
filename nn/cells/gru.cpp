// One step of a gated recurrent unit.
#include <unspool/nn/cells/gru.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

namespace {

auto const usual_gate      = [](Var x) { return sigmoid(x); };
auto const usual_candidate = [](Var x) { return tanh(x); };

/// Rows [first, end) of thirds of a stacked map, as a map.
Projections<1> thirds(Linear const& map, Index first, Index end, Var x) {
    Index const n = map.out() / 3;
    auto rows     = [&](Param& p) { return slice(x.tape().lift(p), 0, first * n, end * n); };
    return map.bias ? linear(x, rows(map.weight), rows(*map.bias)) : linear(x, rows(map.weight));
}

}  // namespace

Var GRUCell::operator()(Var x, Var h0, Where where) const {
    gates.require_shapes("gru", x, {{"h", h0}}, where);
    if (options_.reset == Reset::before || options_.gate || options_.candidate) return varied(x, h0, nullptr, 0);
    Linear const &W = gates.W, &U = gates.U;
    auto [rx, zx, nx] = split<3>(W(x));
    auto [rh, zh, nh] = split<3>(U(h0));

    auto r = sigmoid(rx + rh), z = sigmoid(zx + zh);
    Var n = tanh(nx + r * nh);
    Var h = n + z * (h0 - n);  // (1 - z) * n + z * h0
    return h;
}

Var GRUCell::varied(Var x, Var h0, Recorder* recorder, Index t) const {
    Linear const &W = gates.W, &U = gates.U;
    bool const before = options_.reset == Reset::before;
    auto [rx, zx, nx] = split<3>(W(x));
    Var const uh      = before ? thirds(U, 0, 2, h0) : U(h0);
    auto part         = [&](Index k) { return piece(uh, k, before ? 2 : 3); };

    Var r  = activated(options_.gate, rx + part(0), usual_gate);
    Var z  = activated(options_.gate, zx + part(1), usual_gate);
    Var nh = before ? Var(thirds(U, 2, 3, r * h0)) : Var(r * part(2));
    Var n  = activated(options_.candidate, nx + nh, usual_candidate);
    Var h  = (1 - z) * n + z * h0;
    if (recorder) recorder->put("r", t, r), recorder->put("z", t, z), recorder->put("n", t, n);
    return h;
}

void GRUCell::record(Recorder& recorder, Index t, Var x, Var h) const { varied(x, h, &recorder, t); }

}  // namespace unspool::nn
