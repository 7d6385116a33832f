// The list of all operations: one that is not in it does not exist, and one that does not say what it is, or show how it is
// used, cannot be in it.
#pragma once
#include <unspool/ops/ops.hpp>

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
template <class Ops> struct Section {
    char const* title;  ///< "Reductions"
};

/// Calls `f(section)` for each: every operation there is, what the tests, the tables and the pictures go through.
template <class F> void each_section(F f) {
    f(Section<UnaryOps>{"Elementwise, of one operand"});
    f(Section<BinaryOps>{"Elementwise, of two operands"});
    f(Section<TernaryOps>{"Elementwise, of three operands"});
    f(Section<ReduceOps>{"Reductions"});
    f(Section<ListOps>{"Along an axis"});
    f(Section<LinearOps>{"Linear algebra"});
    f(Section<LayoutOps>{"Layout"});
    f(Section<NoiseOps>{"Noise"});
    f(Section<LossOps>{"Losses"});
    f(Section<GradientOps>{"Control of gradients"});
}
/// Calls `f.operator()<Op>()` for each operation of a list.
template <class... Op, class F> void each_op(List<Op...>, F f) { (..., f.template operator()<Op>()); }

}  // namespace unspool::core

namespace unspool::op {

using core::each_section, core::each_op, core::Section;

}  // namespace unspool::op
