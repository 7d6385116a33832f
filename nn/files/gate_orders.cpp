// Permutes, transposes, adds up and stacks weights.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/gate_orders.hpp>
#include <unspool/nn/files/header.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xview.hpp>

namespace unspool::core {

namespace {

using Doubles = xt::xarray<double>;

constexpr std::array<Index, 1> as_is   = {0};
constexpr std::array<Index, 4> four    = {0, 1, 2, 3};
constexpr std::array<Index, 3> gru_rz  = {1, 0, 2};     // r z n <-> z r h
constexpr std::array<Index, 4> to_iofc = {0, 3, 1, 2};  // of i f g o
constexpr std::array<Index, 4> to_ifgo = {0, 2, 3, 1};  // of i o f c

std::span<Index const> keras_order(Index gates) {  // both ways: each is its own inverse
    if (gates == 3) return gru_rz;
    return gates == 4 ? std::span<Index const>(four) : as_is;
}
std::span<Index const> to_onnx_order(Index gates) {
    return gates == 4 ? std::span<Index const>(to_iofc) : keras_order(gates);
}
std::span<Index const> from_onnx_order(Index gates) {
    return gates == 4 ? std::span<Index const>(to_ifgo) : keras_order(gates);
}

Index size(Doubles const& a, std::size_t axis) { return static_cast<Index>(a.shape()[axis]); }

void require_shape(Doubles const& a, std::string_view name, std::vector<Index> const& expected) {
    std::vector<Index> const came(a.shape().begin(), a.shape().end());
    if (came != expected)
        throw ShapeError(fmt::format("{}: expected the shape {}, not {}", name, text(expected), text(came)));
}
void require_rank(Doubles const& a, std::string_view name, std::size_t rank) {
    if (a.dimension() != rank) throw ShapeError(fmt::format("{}: expected {} axes, not {}", name, rank, a.dimension()));
}

/// Also where the strides would tell xtensor of another layout.
Doubles copy(auto const& expression) { return Doubles(expression); }
Doubles transposed(Doubles const& a) { return copy(xt::transpose(a)); }

void require_consistent(RecurrentWeights const& w) {
    require_rank(w.weight_ih, "weight_ih", 2);
    Index const rows = gates_in(w.weight_hh) * size(w.weight_hh, 1);
    require_shape(w.weight_ih, "weight_ih", {rows, size(w.weight_ih, 1)});
    if (w.bias_ih.size() == 0 && w.bias_hh.size() == 0) return;
    require_shape(w.bias_ih, "bias_ih", {rows});
    require_shape(w.bias_hh, "bias_hh", {rows});
}

Doubles reordered(Doubles const& a, std::span<Index const> order) {
    return a.size() == 0 ? a : blocks_in_order(a, order);
}

RecurrentWeights reordered(RecurrentWeights const& w, std::span<Index const> order) {
    return {blocks_in_order(w.weight_ih, order), blocks_in_order(w.weight_hh, order), reordered(w.bias_ih, order),
            reordered(w.bias_hh, order)};
}

std::pair<Doubles, Doubles> keras_biases(Doubles const& bias, Index rows) {
    if (bias.size() == 0) return {Doubles::from_shape({0}), Doubles::from_shape({0})};
    if (bias.dimension() == 2) {
        require_shape(bias, "bias", {2, rows});
        return {copy(xt::row(bias, 0)), copy(xt::row(bias, 1))};
    }
    require_shape(bias, "bias", {rows});
    return {bias, xt::zeros_like(bias)};
}

Doubles keras_bias(RecurrentWeights const& w, bool both) {
    if (w.bias_ih.size() == 0) return w.bias_ih;
    if (both) return copy(xt::stack(xt::xtuple(w.bias_ih, w.bias_hh)));
    return w.bias_ih + w.bias_hh;
}

}  // namespace

Index gates_in(Doubles const& weight_hh) {
    require_rank(weight_hh, "weight_hh", 2);
    Index const rows = size(weight_hh, 0), hidden = size(weight_hh, 1);
    for (Index gates : {1, 3, 4})
        if (hidden > 0 && rows == gates * hidden) return gates;
    throw ShapeError(fmt::format("recurrent weights are [G*H,H] with G = 1, 3 or 4, not [{},{}]", rows, hidden));
}

Doubles blocks_in_order(Doubles const& x, std::span<Index const> order, std::size_t axis) {
    if (axis >= x.dimension() || x.shape()[axis] % order.size() != 0)
        throw ShapeError(fmt::format("an array {} cannot be cut into {} blocks along axis {}",
                                     text(std::vector<Index>(x.shape().begin(), x.shape().end())), order.size(), axis));
    Index const inner =
        std::accumulate(x.shape().begin() + static_cast<Index>(axis), x.shape().end(), Index{1}, std::multiplies());
    Index const block = inner / std::ssize(order);  // elements side by side
    Doubles out       = Doubles::from_shape(x.shape());
    std::span<double const> from(x.data(), x.size());
    auto to = out.data();
    for (Index outer = 0; outer < std::ssize(from); outer += inner)
        for (Index k : order) to = std::copy_n(from.data() + outer + k * block, block, to);
    return out;
}

RecurrentWeights from_keras(KerasWeights const& k) {
    require_rank(k.kernel, "kernel", 2);
    require_rank(k.recurrent_kernel, "recurrent_kernel", 2);
    auto [bias_ih, bias_hh] = keras_biases(k.bias, size(k.recurrent_kernel, 1));
    RecurrentWeights const w{transposed(k.kernel), transposed(k.recurrent_kernel), bias_ih, bias_hh};
    require_consistent(w);
    return reordered(w, keras_order(gates_in(w.weight_hh)));
}

KerasWeights to_keras(RecurrentWeights const& weights, bool reset_after) {
    require_consistent(weights);
    Index const gates = gates_in(weights.weight_hh);
    auto const w      = reordered(weights, keras_order(gates));
    return {transposed(w.weight_ih), transposed(w.weight_hh), keras_bias(w, gates == 3 && reset_after)};
}

std::vector<RecurrentWeights> from_onnx(OnnxWeights const& o) {
    require_rank(o.W, "W", 3), require_rank(o.R, "R", 3);
    Index const directions = size(o.W, 0), rows = size(o.W, 1);
    require_shape(o.R, "R", {directions, rows, size(o.R, 2)});
    if (o.B.size() > 0) require_shape(o.B, "B", {directions, 2 * rows});
    std::vector<RecurrentWeights> out;
    for (Index d = 0; d < directions; ++d) {
        Doubles const none = Doubles::from_shape({0}), both = o.B.size() == 0 ? none : copy(xt::row(o.B, d));
        RecurrentWeights w{copy(xt::view(o.W, d)), copy(xt::view(o.R, d)), none, none};
        if (both.size() > 0)
            w.bias_ih = copy(xt::view(both, xt::range(0, rows))),
            w.bias_hh = copy(xt::view(both, xt::range(rows, 2 * rows)));
        require_consistent(w);
        out.push_back(reordered(w, from_onnx_order(gates_in(w.weight_hh))));
    }
    return out;
}

OnnxWeights to_onnx(std::span<RecurrentWeights const> directions) {
    if (directions.empty()) throw ShapeError("to_onnx: expected one direction or two, not none");
    require_consistent(directions[0]);
    Index const rows = size(directions[0].weight_ih, 0), in = size(directions[0].weight_ih, 1),
                hidden = size(directions[0].weight_hh, 1);
    bool const biased  = directions[0].bias_ih.size() > 0;
    auto const n       = directions.size();
    auto const u       = [](Index i) { return static_cast<std::size_t>(i); };
    OnnxWeights out{
        Doubles::from_shape({n, u(rows), u(in)}), Doubles::from_shape({n, u(rows), u(hidden)}),
        Doubles::from_shape(biased ? std::vector<std::size_t>{n, u(2 * rows)} : std::vector<std::size_t>{0})};
    for (std::size_t d = 0; d < n; ++d) {
        require_consistent(directions[d]);
        require_shape(directions[d].weight_ih, "weight_ih of a direction", {rows, in});
        require_shape(directions[d].weight_hh, "weight_hh of a direction", {rows, hidden});
        require_shape(directions[d].bias_ih, "bias_ih of a direction", {biased ? rows : 0});
        auto const w       = reordered(directions[d], to_onnx_order(gates_in(directions[d].weight_hh)));
        xt::view(out.W, d) = w.weight_ih;
        xt::view(out.R, d) = w.weight_hh;
        if (biased) xt::view(out.B, d) = xt::concatenate(xt::xtuple(w.bias_ih, w.bias_hh));
    }
    return out;
}

}  // namespace unspool::core
