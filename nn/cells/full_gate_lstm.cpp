// One step of long short-term memory with full gate recurrence.
#include <algorithm>
#include <unspool/nn/cells/full_gate_lstm.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

FullGateLSTMCell::FullGateLSTMCell(Params p, Index in, Index hidden, Where where)
    : gates("FullGateLSTMCell", p, {.gates = 4, .in = in, .hidden = hidden}, where)
    , V(p / "V", 3 * hidden, 3 * hidden, no_bias, where)
    , pi(p.uniform("pi", {hidden}, -usual_bound(hidden), usual_bound(hidden), where))
    , pf(p.uniform("pf", {hidden}, -usual_bound(hidden), usual_bound(hidden), where))
    , po(p.uniform("po", {hidden}, -usual_bound(hidden), usual_bound(hidden), where)) {}

FullGateLSTMCell::State FullGateLSTMCell::operator()(Var x, State s, Where where) const {
    gates.require_shapes("full_gate_lstm", x, {{"h", s.h}, {"c", s.c}}, where);
    V.require_readable(where);
    Linear const &W = gates.W, &U = gates.U;

    Var z                 = W(x) + U(s.h);
    Var v                 = V(s.gates);
    auto [zi, zf, zg, zo] = split<4>(z);
    auto [vi, vf, vo]     = split<3>(v);

    Var i = sigmoid(zi + vi + pi * s.c);
    Var f = sigmoid(zf + vf + pf * s.c);
    Var c = f * s.c + i * tanh(zg);
    Var o = sigmoid(zo + vo + po * c);
    Var h = o * tanh(c);
    return {h, c, concat({i, f, o}, -1)};
}

FullGateLSTMCell::State FullGateLSTMCell::zeros(Tape& tape, Index batch) const {
    Var const none = tape.zeros({batch, V.in()});
    return {gates.zero_h(tape, batch), gates.zero_c(tape, batch), none};
}

}  // namespace unspool::nn
