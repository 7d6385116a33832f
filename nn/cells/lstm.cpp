// One step of long short-term memory.
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/layout.hpp>

namespace unspool {

Lstm::State Lstm::operator()(Var x, State s, Where where) const {
    gates.require_shapes("lstm", x, {{"h", s.h}, {"c", s.c}}, where);
    auto const& [W, U] = gates;

    Var z             = W(x) + U(s.h);
    auto [i, f, g, o] = split<4>(z);
    Var c             = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
    Var h             = sigmoid(o) * tanh(c);
    return {h, c};
}

}  // namespace unspool
