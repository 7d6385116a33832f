// All operations, and the list of them: an operation that is not in it does not exist, and one that does not say what it
// is, or show how it is used, cannot be in it.
#pragma once
#include <tuple>
#include <unspool/ops/arrays/control.hpp>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/custom.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
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

namespace unspool::core {

template <Described... Op> using Descriptions = List<Op...>;
/// Operations that show how they are used, so that their gradients are checked.
template <class... Op>
requires(Exemplified<Op>&&...) using WithExamples = Descriptions<Op...>;

using ReduceOps = WithExamples<Sum, Mean, Prod, Variance, Deviation, Max, Min, ArgMax, Norm2, LogSumExp>;
using ListOps   = WithExamples<Softmax, LogSoftmax, CumulativeSum, CumulativeProduct, LogCumulativeSumExp,
                             LinearRecurrence, LayerNormalise, RmsNormalise>;
using LinearOps = WithExamples<Matmul, BatchedMatmul, Projection, Bilinear, Outer, Dot, Einsum, Conv1d, Conv2d, Solve,
                               Inverse, Cholesky, LogDet>;
using LayoutOps = WithExamples<Slice, AtIndex, Split, Chunk, Reshape, Transpose, Squeeze, Unsqueeze, Flip, Copy, Stack,
                               Concat, Repeat, BroadcastTo, Roll, Pad, GatherElements, GatherRows, OneHot>;
using NoiseOps  = WithExamples<Dropout, Bernoulli, Normal, Uniform>;
using LossOps =
    WithExamples<MeanSquaredError, MeanAbsoluteError, Huber, BinaryCrossEntropy, BinaryCrossEntropyWithLogits,
                 CrossEntropy, Nll, KullbackLeibler, Hinge, CosineLoss, PoissonNll, GaussianNll, GaussianKl, Ctc>;
/// Those that change gradients: no difference of values can check them.
using GradientOps = Descriptions<Detach, ScaleGradient, ClipGradient>;

/// Operations under a title.
template <class Ops> struct Section { char const* title; };

/// Every operation there is: what the tests, the tables and the pictures iterate.
inline constexpr std::tuple AllOps{
    Section<UnaryOps>{"Elementwise, of one operand"},
    Section<BinaryOps>{"Elementwise, of two operands"},
    Section<TernaryOps>{"Elementwise, of three operands"},
    Section<ReduceOps>{"Reductions"},
    Section<ListOps>{"Along an axis"},
    Section<LinearOps>{"Linear algebra"},
    Section<LayoutOps>{"Layout"},
    Section<NoiseOps>{"Noise"},
    Section<LossOps>{"Losses"},
    Section<GradientOps>{"Control of gradients"},
};

/// Calls `f(section)` for each.
template <class F> void each_section(F f) {
    std::apply([&](auto const&... section) { (..., f(section)); }, AllOps);
}
/// Calls `f.operator()<Op>()` for each operation of a list.
template <class... Op, class F> void each_op(List<Op...>, F f) { (..., f.template operator()<Op>()); }

}  // namespace unspool::core

namespace unspool {

/// The operations themselves, and the list of them.
namespace op {

using core::Abs, core::Acos, core::Add, core::ArgMax, core::Asin, core::AtIndex, core::Atan, core::Atan2,
    core::BatchedMatmul, core::Bernoulli, core::Bilinear, core::BinaryCrossEntropy, core::BinaryCrossEntropyWithLogits,
    core::BroadcastTo, core::Cholesky, core::Choose, core::Chunk, core::Clamp, core::ClipGradient, core::Concat,
    core::Conv1d, core::Conv2d, core::Copy, core::Cos, core::Cosh, core::CosineLoss, core::CrossEntropy, core::Ctc,
    core::CumulativeProduct, core::CumulativeSum, core::Detach, core::Deviation, core::Divide, core::Dot, core::Dropout,
    core::Elu, core::Equal, core::Erf, core::Exp, core::Expm1, core::Flip, core::Floor, core::Fma, core::GatherElements,
    core::GatherRows, core::GaussianKl, core::GaussianNll, core::Gelu, core::GeluTanh, core::Greater,
    core::GreaterEqual, core::HardSigmoid, core::HardTanh, core::Hinge, core::Huber, core::Hypot, core::KullbackLeibler,
    core::LayerNormalise, core::LeakyRelu, core::Lerp, core::Inverse, core::Less, core::LessEqual,
    core::LinearRecurrence, core::Log, core::Log1p, core::LogDet, core::LogCumulativeSumExp, core::LogSigmoid,
    core::LogSoftmax, core::LogSumExp, core::Matmul, core::Max, core::Maximum, core::Mean, core::MeanAbsoluteError,
    core::MeanSquaredError, core::Min, core::Minimum, core::Multiply, core::Negate, core::Nll, core::Norm2,
    core::Normal, core::NotEqual, core::OneHot, core::Outer, core::Pad, core::PoissonNll, core::Pow, core::Prod,
    core::Projection, core::Reciprocal, core::Relu, core::Repeat, core::Reshape, core::RmsNormalise, core::Roll,
    core::Round, core::Rsqrt, core::ScaleGradient, core::ScaledTanh, core::Selu, core::Sigmoid, core::Sign, core::Silu,
    core::Sin, core::Sinh, core::Slice, core::Softmax, core::Solve, core::Softplus, core::Softsign, core::Split,
    core::Sqrt, core::Square, core::SquaredDifference, core::Squeeze, core::Stack, core::StraightThrough,
    core::Subtract, core::Sum, core::Tan, core::Tanh, core::ThresholdedRelu, core::Transpose, core::Uniform,
    core::Unsqueeze, core::Variance;
using core::AllOps, core::each_section, core::each_op, core::Section;

}  // namespace op

}  // namespace unspool
