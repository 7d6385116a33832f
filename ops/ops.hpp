// All operations, and the list of them: an operation that is not in it does not exist, and one that does not say what it
// is, or show how it is used, cannot be in it.
#pragma once
#include <tuple>
#include <unspool/ops/control.hpp>
#include <unspool/ops/cross_entropy.hpp>
#include <unspool/ops/ctc.hpp>
#include <unspool/ops/cumulative.hpp>
#include <unspool/ops/custom.hpp>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/gather.hpp>
#include <unspool/ops/layout.hpp>
#include <unspool/ops/linalg.hpp>
#include <unspool/ops/loss.hpp>
#include <unspool/ops/noise.hpp>
#include <unspool/ops/norm.hpp>
#include <unspool/ops/projection.hpp>
#include <unspool/ops/reduce.hpp>
#include <unspool/ops/softmax.hpp>

namespace unspool {

template <Described... Op> using Descriptions = List<Op...>;
/// Operations that show how they are used, so that their gradients are checked.
template <class... Op>
requires(Exemplified<Op>&&...) using WithExamples = Descriptions<Op...>;

using ReduceOps = WithExamples<Sum, Mean, Prod, Variance, Deviation, Max, Min, ArgMax, Norm2, LogSumExp>;
using ListOps   = WithExamples<Softmax, LogSoftmax, CumulativeSum, CumulativeProduct, LayerNormalise, RmsNormalise>;
using LinearOps = WithExamples<Matmul, BatchedMatmul, Projection, Bilinear, Outer, Dot>;
using LayoutOps = WithExamples<Slice, AtIndex, Split, Chunk, Reshape, Transpose, Squeeze, Unsqueeze, Flip, Copy, Stack, Concat, Repeat,
                               BroadcastTo, Pad, GatherElements, GatherRows, OneHot>;
using NoiseOps  = WithExamples<Dropout, Bernoulli, Normal, Uniform>;
using LossOps   = WithExamples<MeanSquaredError, MeanAbsoluteError, Huber, BinaryCrossEntropy, BinaryCrossEntropyWithLogits, CrossEntropy,
                             Nll, KullbackLeibler, Hinge, CosineLoss, PoissonNll, GaussianNll, Ctc>;
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

}  // namespace unspool
