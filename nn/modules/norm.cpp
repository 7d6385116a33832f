// Layer normalisation as a layer.
#include <array>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/modules/norm.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

namespace {

Index checked_size(Params const& p, Index size, Where where) {
    require_size("LayerNorm", p, "size", size, where);
    return size;
}

}  // namespace

LayerNorm::LayerNorm(Params p, Index size, double eps, Where where)
    : weight(p.constant("weight", {checked_size(p, size, where)}, 1, where))
    , bias(p.zeros("bias", {size}, where))
    , eps_(eps) {}

Var LayerNorm::operator()(Var x, Where where) const {
    Window const& w = x.window(where);
    if (w.shape.empty() || w.shape.back() != weight.count())
        throw ShapeError(describe(where, "layer_norm", "the input does not fit",
                                  fmt::format("[...,{}]", weight.count()), std::array{Shown{label(x), w.shape}}));
    return Var(weight * layer_norm(x, -1, eps_, where.inside()) + bias, where);
}

}  // namespace unspool::nn
