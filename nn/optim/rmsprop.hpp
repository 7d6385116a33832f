// RMSprop, of Tieleman and Hinton, "Lecture 6.5" (2012); centred, of Graves, "Generating sequences with recurrent neural networks" (2013).
#pragma once
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

/// What RMSProp goes by.
struct RmsPropOptions {
    double rate         = 1e-2;  ///< learning rate
    double alpha        = 0.99;  ///< how much of v is kept at each step
    double eps          = 1e-8;  ///< keeps the denominator from zero
    double weight_decay = 0;     ///< λ: λθ is added to the gradient
    double momentum     = 0;     ///< μ
    bool centred = false;  ///< divide by the deviation of the gradient from its mean, instead of its root mean square
};

/// v ← αv + (1-α)g²;  centred,  a ← αa + (1-α)g,  and v - a² takes the place of v below;  θ ← θ - rate · g / (√v + eps);
/// with momentum,  b ← μb + g / (√v + eps)  and  θ ← θ - rate · b.  As PyTorch's RMSprop, but that v - a² is never below
/// zero: there rounding makes it NaN.
class RmsProp : public FirstOrder {
public:
    /// For all parameters of a model or of a part of it, also those that are made later, or for a list.  ValueError where an
    /// option is outside its range.
    explicit RmsProp(ParamSet, RmsPropOptions = {}, Where = Where::here());

    void step(Gradients const&, Where = Where::here()) override;

private:
    RmsPropOptions options_;
};

}  // namespace unspool::core

namespace unspool {

using core::RmsProp, core::RmsPropOptions;

}  // namespace unspool
