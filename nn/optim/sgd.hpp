// Stochastic gradient descent.
#pragma once
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

struct SgdOptions {
    double rate         = 1e-2;  ///< learning rate
    double momentum     = 0;     ///< μ
    double dampening    = 0;     ///< of what the gradient adds to the momentum
    double weight_decay = 0;     ///< λ: λθ is added to the gradient
    bool nesterov = false;  ///< look ahead along the momentum (Sutskever et al., 2013); needs one, and no dampening
};

/// θ ← θ - rate · g;  with momentum,  b ← μ b + (1 - dampening) g,  the first time b ← g,  and  θ ← θ - rate · b,  or,
/// with Nesterov,  θ ← θ - rate · (g + μ b).  As PyTorch's SGD.
class Sgd : public FirstOrder {
public:
    /// For the parameters that exist now.  ValueError where an option is outside its range.
    explicit Sgd(Params const& p, SgdOptions o = {}, Where where = Where::here()) : Sgd(p.all(), o, where) {}
    explicit Sgd(std::vector<Param*> const&, SgdOptions = {}, Where = Where::here());

    void step(Gradients const&) override;

private:
    SgdOptions options_;
};

}  // namespace unspool::core

namespace unspool {

using core::Sgd, core::SgdOptions;

}  // namespace unspool
