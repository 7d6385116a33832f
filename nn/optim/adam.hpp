// Adam, of Kingma and Ba (2015); AMSGrad, of Reddi, Kale and Kumar (2018); AdamW, of Loshchilov and Hutter (2019).
#pragma once
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

/// What Adam goes by.
struct AdamOptions {
    double rate                   = 1e-3;   ///< learning rate
    double beta1                  = 0.9;    ///< how much of m is kept at each step
    double beta2                  = 0.999;  ///< how much of v is kept at each step
    double eps                    = 1e-8;   ///< keeps the denominator from zero
    double weight_decay           = 0;      ///< λ: λθ is added to the gradient
    double decoupled_weight_decay = 0;      ///< λ: θ ← θ - rate · λθ before the step; see AdamW
    bool amsgrad = false;  ///< the largest v that there ever was takes the place of v in the denominator
};

/// m ← β₁m + (1-β₁)g,  v ← β₂v + (1-β₂)g²,  θ ← θ - rate · m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + eps).  As PyTorch's Adam.
class Adam : public FirstOrder {
public:
    /// For all parameters of a model or of a part of it, also those that are made later, or for a list.  ValueError where an
    /// option is outside its range.
    explicit Adam(ParamSet p, AdamOptions o = {}, Where where = Where::here()) : Adam("Adam", std::move(p), o, where) {}

    void step(Gradients const&, Where = Where::here()) override;

protected:
    Adam(std::string_view name, ParamSet, AdamOptions const&, Where);  ///< under another name in errors

private:
    AdamOptions options_;
};

/// As those of Adam, with a decay of the weights themselves.
struct AdamWOptions {
    double rate         = 1e-3;   ///< learning rate
    double beta1        = 0.9;    ///< how much of m is kept at each step
    double beta2        = 0.999;  ///< how much of v is kept at each step
    double eps          = 1e-8;   ///< keeps the denominator from zero
    double weight_decay = 1e-2;   ///< λ: θ ← θ - rate · λθ before the step, which leaves m and v alone
    bool amsgrad        = false;  ///< the largest v that there ever was takes the place of v
};

/// Adam with decoupled weight decay.  As PyTorch's AdamW.
class AdamW : public Adam {
public:
    /// ValueError where an option is outside its range.
    explicit AdamW(ParamSet, AdamWOptions = {}, Where = Where::here());
};

}  // namespace unspool::core

namespace unspool {

using core::Adam, core::AdamOptions, core::AdamW, core::AdamWOptions;

}  // namespace unspool
