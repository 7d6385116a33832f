// Adam, of Kingma and Ba (2015), and AdamW, of Loshchilov and Hutter (2019).
#pragma once
#include <unspool/nn/optim/moments.hpp>

namespace unspool {

struct AdamOptions {
    double rate                   = 1e-3;   ///< learning rate
    double beta1                  = 0.9;    ///< how much of m is kept at each step
    double beta2                  = 0.999;  ///< how much of v is kept at each step
    double eps                    = 1e-8;   ///< keeps the denominator from zero
    double weight_decay           = 0;      ///< λ: λθ is added to the gradient
    double decoupled_weight_decay = 0;      ///< λ: θ ← θ - rate · λθ before the step, which makes it AdamW (there usually 1e-2)
};

/// m ← β₁m + (1-β₁)g,  v ← β₂v + (1-β₂)g²,  θ ← θ - rate · m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + eps).  As PyTorch's Adam and AdamW.
class Adam {
public:
    /// For the parameters that exist now.  ValueError where an option is outside its range.
    explicit Adam(Params const&, AdamOptions = {}, Where = Where::here());

    /// Changes every parameter that the result depended on.  TypeError, and no change, if the gradients' element type is not
    /// that of the parameters.  NaN is let through.
    void step(Gradients const&);

    double rate() const { return options_.rate; }
    void   rate(double, Where = Where::here());  ///< ValueError unless it is finite and not negative

private:
    AdamOptions options_;
    Moments     moments_;
};

}  // namespace unspool
