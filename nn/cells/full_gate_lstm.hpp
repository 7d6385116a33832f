// Long short-term memory with full gate recurrence, of Hochreiter and Schmidhuber (1997) as GreffVariant et al. (2015) write it, there
// FGR: the gates see what they were one step before.
//     i = σ(W_i x + U_i h + V_i (i f o) + p_i ⊙ c + b_i)     f = σ(W_f x + U_f h + V_f (i f o) + p_f ⊙ c + b_f)
//     g = tanh(W_g x + U_g h + b_g)                           c' = f ⊙ c + i ⊙ g
//     o = σ(W_o x + U_o h + V_o (i f o) + p_o ⊙ c' + b_o)    h' = o ⊙ tanh(c')
#pragma once
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

class FullGateLSTMCell {
public:
    /// What goes from step to step; gates [...,3 hidden] are the last i, f and o.
    struct State {
        /// h and c are [...,hidden].
        Var h, c, gates;
    };

    /// Parameters as in Gates, stacked in the order i f g o; V.weight [3 hidden, 3 hidden]; pi, pf and po [hidden].
    FullGateLSTMCell(Params p, Index in, Index hidden, Where where = Where::here());

    State operator()(Var x, State s, Where = Where::here()) const;  ///< one step: x [...,in], h and c [...,out]
    State zeros(Tape& tape, Index batch) const;                     ///< the state before the first step: [batch,out]

    Index in() const { return gates.in(); }
    Index out() const { return gates.hidden(); }

    Gates gates;  ///< W and U, of all gates stacked
    Linear V;     ///< of the gates of the step before: [3 hidden, 3 hidden]
    /// [hidden]: the peepholes.
    Param &pi, &pf, &po;
};

}  // namespace unspool::nn
