// All operations.  all_ops.hpp lists them.
#pragma once
#include <unspool/ops/arrays/control.hpp>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/custom.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/moments.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/differentiated.hpp>
#include <unspool/ops/derivatives/gradient.hpp>
#include <unspool/ops/derivatives/products.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/convolution.hpp>
#include <unspool/ops/linalg/decompositions.hpp>
#include <unspool/ops/linalg/einsum.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>
#include <unspool/ops/losses/ctc.hpp>
#include <unspool/ops/losses/decoding.hpp>
#include <unspool/ops/losses/loss.hpp>

namespace unspool {

/// The operations themselves.
namespace op {

using core::Abs, core::Acos, core::Add, core::ArgMax, core::Asin, core::AtIndex, core::Atan, core::Atan2,
    core::BatchedMatmul, core::Bernoulli, core::Bilinear, core::BinaryCrossEntropy, core::BinaryCrossEntropyWithLogits,
    core::BroadcastTo, core::Cholesky, core::Choose, core::Chunk, core::Clamp, core::ClipGradient, core::Concat,
    core::Conv1d, core::Conv2d, core::Copy, core::Cos, core::Cosh, core::CosineLoss, core::CrossEntropy, core::Ctc,
    core::CumulativeProduct, core::CumulativeSum, core::Detach, core::Deviation, core::Divide, core::Dot, core::Dropout,
    core::Elu, core::Equal, core::Erf, core::Erfc, core::Exp, core::Expm1, core::Flip, core::Floor, core::Fma,
    core::GatherElements, core::GatherRows, core::GaussianKl, core::GaussianNll, core::Gelu, core::GeluTanh,
    core::Greater, core::GreaterEqual, core::HardSigmoid, core::HardTanh, core::Hinge, core::Huber, core::Hypot,
    core::KullbackLeibler, core::LayerNormalise, core::LeakyRelu, core::Lerp, core::Inverse, core::Less,
    core::LessEqual, core::LinearRecurrence, core::Log, core::Log1p, core::LogDet, core::LogCumulativeSumExp,
    core::LogSigmoid, core::LogSoftmax, core::LogSumExp, core::Matmul, core::Max, core::Maximum, core::Mean,
    core::MeanAbsoluteError, core::MeanSquaredError, core::Min, core::Minimum, core::Multiply, core::Negate, core::Nll,
    core::Norm2, core::Normal, core::NotEqual, core::OneHot, core::Outer, core::Pad, core::PoissonNll, core::Pow,
    core::Prod, core::Projection, core::Reciprocal, core::Relu, core::Repeat, core::Reshape, core::RmsNormalise,
    core::Roll, core::Round, core::Rsqrt, core::ScaleGradient, core::ScaledTanh, core::Selu, core::Sigmoid, core::Sign,
    core::Silu, core::Sin, core::Sinh, core::Slice, core::Softmax, core::Solve, core::Softplus, core::Softsign,
    core::Split, core::Sqrt, core::Square, core::SquaredDifference, core::Squeeze, core::Stack, core::StraightThrough,
    core::Subtract, core::Sum, core::Tan, core::Tanh, core::ThresholdedRelu, core::Transpose, core::Uniform,
    core::Unsqueeze, core::Variance;

}  // namespace op

}  // namespace unspool
