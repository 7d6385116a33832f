// One step of a minimal gated unit.
#include <algorithm>
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/cells/mgu.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

MGUCell::MGUCell(Params p, Index in, Index hidden, Where where)
    : Wf(p / "Wf", in, hidden, Bias::with, where)
    , Uf(p / "Uf", hidden, hidden, no_bias, where)
    , Wn(p / "Wn", in, hidden, Bias::with, where)
    , Un(p / "Un", hidden, hidden, no_bias, where) {}

Var MGUCell::operator()(Var x, Var h0, Where where) const {
    require_step("mgu", Wf, Uf, x, h0, where);
    require_step("mgu", Wn, Un, x, h0, where);
    Var f = sigmoid(Wf(x) + Uf(h0));
    Var n = tanh(Wn(x) + Un(f * h0));
    Var h = (1 - f) * h0 + f * n;
    return h;
}

Var MGUCell::zeros(Tape& tape, Index batch) const { return tape.zeros({batch, out()}); }

}  // namespace unspool::nn
