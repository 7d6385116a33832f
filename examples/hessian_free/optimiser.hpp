// Hessian-free optimisation: Martens, "Deep learning via Hessian-free optimization" (2010), with the structural
// damping of Martens and Sutskever, "Learning recurrent neural networks with Hessian-free optimization" (2011).
#pragma once
#include <functional>
#include <unspool.hpp>
#include <vector>

namespace hessian_free {

using namespace unspool;

/// What a network says, [B,n], its states, [T,B,hidden], and what it should have said.
struct Run {
    Var predicted, states, wanted;
};
/// Records a run of a batch; the same batch each time in one step.
using Network = std::function<Run(Tape&)>;

struct Options {
    double damping    = 1;     ///< λ at first: how far from its quadratic model the loss is trusted
    double structural = 0.03;  ///< μ: λμ is what a change of the states costs
    Index products    = 60;    ///< of the curvature and a direction, at most, a step
    double decay      = 0.95;  ///< of the last step, where the next search begins
};

/// Of one step.
struct Progress {
    double before, after, damping;
    Index products, losses;  ///< what it took, besides one gradient
};

/// θ ← θ + α d, where (G + λ I + λμ R) d = −g, by conjugate gradients that are stopped early: G = Jᵀ L J is the
/// Gauss–Newton matrix of the mean squared error, R that of half the mean squared change of the states.
class HessianFree {
public:
    HessianFree(Params, Options = {});
    Progress step(Network const&);

private:
    using Numbers = std::vector<double>;
    struct Tried {
        double loss, ratio;  // to what the model foresaw
        Index losses;
    };
    Tried descend(Network const&, Numbers const& theta, ConjugateGradients const&, double before);
    double loss_at(Network const&, Numbers const& theta);

    Params params_;
    Options options_;
    double damping_;
    Numbers direction_;
    Tape tape_;
};

}  // namespace hessian_free
