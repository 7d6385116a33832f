// Stochastic gradient descent.
#pragma once
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

/// What gradient descent goes by.
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
    /// For all parameters of a model or of a part of it, also those that are made later, or for a list.  ValueError where an
    /// option is outside its range.
    explicit Sgd(ParamSet, SgdOptions = {}, Where = Where::here());

    void step(Gradients const&, Where = Where::here()) override;

private:
    SgdOptions options_;
};

}  // namespace unspool::core

namespace unspool {

using core::Sgd, core::SgdOptions;

}  // namespace unspool
