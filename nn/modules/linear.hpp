// A learned linear map.
#pragma once
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/ops/linalg/projection.hpp>

namespace unspool::nn {

/// Does a layer add a learned vector to what it computes?
enum class Bias : bool { without, with };
inline constexpr Bias no_bias = Bias::without;  ///< W x alone

/// y = x Wᵀ + b, for x [...,in] and y [...,out].  `Linear Wf{p / "Wf", in, out};` makes the parameters Wf.weight [out,in] and
/// Wf.bias [out]; `Linear Uf{p / "Uf", in, out, no_bias};` only the former.  Both start uniform on ±1/√in, as in PyTorch.
class Linear {
public:
    /// ValueError unless both sizes are at least 1.
    Linear(Params p, Index in, Index out, Bias = Bias::with, Where = Where::here());
    Linear(Index in, Index out, Bias = Bias::with) = delete;  // of whose parameters?  Write `W(p / "W", in, out)`
    Linear() = delete;  // a constructor makes its members: `Mine(Params p, Index in) : W(p / "W", in, 4) {}`
    /// Of parameters that exist.
    explicit Linear(Param& weight_, Param* bias_ = nullptr) : weight(weight_), bias(bias_) {}

    /// A term: assigned to a Var, it is recorded; a sum of such terms is one node.
    Projections<1> operator()(Argument x, Where = Where::here()) const;

    /// TapeError unless its parameters can be read.
    void require_readable(Where where) const {
        weight.require_readable(where);
        if (bias) bias->require_readable(where);
    }
    Index in() const { return weight.shape()[1]; }   ///< features of x
    Index out() const { return weight.shape()[0]; }  ///< features of y

    Param& weight;  ///< [out,in]
    Param* bias;    ///< null without
};

}  // namespace unspool::nn
