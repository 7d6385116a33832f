// The minimal gated unit of Zhou, Wu, Zhang and Zhou, "Minimal gated unit for recurrent neural networks" (2016):
//     f = σ(W_f x + U_f h + b_f)      n = tanh(W_n x + U_n (f ⊙ h) + b_n)      h' = (1 − f) ⊙ h + f ⊙ n
#pragma once
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

struct MGUCell {
    using State = Var;

    Linear Wf, Uf, Wn, Un;  ///< of f and of n, of x and of h; the biases are those of Wf and Wn

    /// ValueError unless both sizes are at least 1.
    MGUCell(Params p, Index in, Index hidden, Where where = Where::here());

    Var operator()(Var x, Var h, Where = Where::here()) const;  ///< one step: x [...,in], h [...,out]
    Var zeros(Tape&, Index batch) const;                        ///< the state before the first step: [batch,out]

    Index in() const { return Wf.in(); }
    Index out() const { return Wf.out(); }
};

}  // namespace unspool::nn
