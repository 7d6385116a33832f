// Activations that are chosen at run time.
#pragma once
#include <functional>
#include <unspool/autograd/var.hpp>

namespace unspool {

/// An elementwise function for a gate or a candidate: `[](Var x) -> Var { return leaky_relu(x, 0.1); }`.  None stands for what
/// the cell's paper has there, which is then fused with its neighbours.
using Activation = std::function<Var(Var)>;

/// `given(x)`, or `usual(x)` where there is none.
template <class F> Var activated(Activation const& given, Var x, F usual) {
    if (given) return given(x);
    Var y = usual(x);
    return y;
}

}  // namespace unspool
