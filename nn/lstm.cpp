// One step of long short-term memory.
#include <unspool/nn/lstm.hpp>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/layout.hpp>

namespace unspool {

Lstm::State Lstm::operator()(Var x, State s, Where where) const {
    gates.require_shapes("lstm", x, {{"h", s.h}, {"c", s.c}}, where);
    auto const& [W, U]    = gates;
    auto [ix, fx, gx, ox] = split<4>(W(x));
    auto [ih, fh, gh, oh] = split<4>(U(s.h));

    auto i = sigmoid(ix + ih);
    auto f = sigmoid(fx + fh);
    auto g = tanh(gx + gh);
    auto o = sigmoid(ox + oh);
    Var  c = f * s.c + i * g;
    Var  h = o * tanh(c);
    return {h, c};
}

}  // namespace unspool
