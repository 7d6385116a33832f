// The network of rectified linear units of Le, Jaitly and Hinton, "A simple way to initialize recurrent networks of rectified
// linear units" (2015):
//     h' = relu(W x + U h + b),  with U = scale · 1, b = 0 and W normal of deviation 0.001 at the start.
#pragma once
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <utility>

namespace unspool::nn {

struct IRNNCell {
    using State = Var;

    /// Of x, and of h.
    Linear W, U;

    /// Parameters W.weight, W.bias and U.weight.  ValueError unless both sizes are at least 1.
    IRNNCell(Params p, Index in, Index hidden, double scale = 1, Where where = Where::here());
    /// The same, with a scale of 1.
    IRNNCell(Params p, Index in, Index hidden, Where where) : IRNNCell(std::move(p), in, hidden, 1, where) {}

    Var operator()(Var x, Var h, Where = Where::here()) const;  ///< one step: x [...,in], h [...,out]
    Var zeros(Tape&, Index batch) const;                        ///< the state before the first step: [batch,out]

    Index in() const { return W.in(); }
    Index out() const { return W.out(); }
};

}  // namespace unspool::nn
