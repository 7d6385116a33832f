// Adagrad, of Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization" (2011).
#pragma once
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

/// What Adagrad goes by.
struct AdagradOptions {
    double rate         = 1e-2;   ///< learning rate
    double rate_decay   = 0;      ///< δ: step t has rate / (1 + (t-1) δ)
    double weight_decay = 0;      ///< λ: λθ is added to the gradient
    double initial_sum  = 0;      ///< what s begins with
    double eps          = 1e-10;  ///< keeps the denominator from zero
};

/// s ← s + g²,  θ ← θ - rate / (1 + (t-1) δ) · g / (√s + eps).  As PyTorch's Adagrad.
class Adagrad : public FirstOrder {
public:
    /// For all parameters of a model or of a part of it, also those that are made later, or for a list.  ValueError where an
    /// option is outside its range.
    explicit Adagrad(ParamSet, AdagradOptions = {}, Where = Where::here());

    void step(Gradients const&, Where = Where::here()) override;

private:
    AdagradOptions options_;
};

}  // namespace unspool::core

namespace unspool {

using core::Adagrad, core::AdagradOptions;

}  // namespace unspool
