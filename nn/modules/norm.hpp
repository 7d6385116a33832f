// Layer normalisation, with what it learns: Ba, Kiros and Hinton, "Layer normalization" (2016).
#pragma once
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// y = weight ⊙ (x − m) / √(v + eps) + bias, with the mean m and the variance v of the last axis of x [...,size].  The weight
/// starts at 1, the bias at 0, as in PyTorch.
class LayerNorm {
public:
    /// ValueError unless the size is at least 1.
    LayerNorm(Params p, Index size, double eps = 1e-5, Where = Where::here());

    Var operator()(Var x, Where = Where::here()) const;  ///< ShapeError unless x is [...,size]

    /// [size]: what normalised features are multiplied by, and what is added then.
    Param &weight, &bias;

private:
    double eps_;
};

}  // namespace unspool::nn
