// Attention.
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/layers/attention.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/recurrence/masks.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

namespace {

/// The outputs of an encoder with 0 in their padding, and the mask of it.
Memory remembered(Var outputs, std::span<Index const> lengths, Where where) {
    require_sequences(outputs, where);
    Masks const masks(outputs.tape(where), outputs.size(0), outputs.size(1), lengths, {}, where);
    return {masks.clear(outputs), {}, lengths.empty() ? Var() : masks.all()};
}

/// With keys that a layer makes of the values.
Memory remembered_by(Linear const& keys, Var outputs, std::span<Index const> lengths, Where where) {
    Attempt const attempt(outputs.tape(where));
    Memory m = remembered(outputs, lengths, where);
    m.keys   = Var(keys(m.values, where), where);
    return m;
}

void require_query(Var const& query, Var const& values, Index features, Where where) {
    Shape const &q = query.window(where).shape, &m = values.window(where).shape;
    if (q.rank() != 2 || q[0] != m[1] || q[1] != features)
        throw ShapeError(describe(where, "attention", "the query does not fit what is remembered",
                                  fmt::format("query [{},{}]", m[1], features),
                                  std::array{Shown{label(query), q}, Shown{label(values), m}}));
}

/// Softmax along time, over the steps that there are: of none, zeros.
Var softmax_of_steps(Var energies, Var mask, Where where) {
    if (mask.empty()) return softmax(energies, 0, where);
    double const closed = dispatch(
        energies.dtype(), [](auto t) { return static_cast<double>(std::numeric_limits<decltype(t)>::lowest()) / 4; });
    Var const open(core::where(mask, energies, closed), where);
    return Var(core::where(mask, softmax(open, 0, where), 0), where);
}

/// From energies [T,B].
Attended looked_up(Var energies, Memory const& memory, Where where) {
    Var const weights = softmax_of_steps(energies, memory.mask, where);
    Shape beside      = weights.shape();
    beside.push_back(1);
    Var const context = sum(reshape(weights, beside, where) * memory.values, 0, Reduced::drop, where);
    return {context, transpose(weights, where)};
}

/// qᵀ k_t: [T,B].
Var dot_products(Var query, Memory const& memory, Where where) {
    return sum(memory.keys * query, -1, Reduced::drop, where.inside());
}

}  // namespace

AdditiveAttention::AdditiveAttention(Params p, Index query, Index memory, Index hidden, Where where)
    : W(p / "W", query, hidden, no_bias, where)
    , U(p / "U", memory, hidden, no_bias, where)
    , v(p / "v", hidden, 1, no_bias, where) {}

Memory AdditiveAttention::remember(Var outputs, std::span<Index const> lengths, Where where) const {
    return remembered_by(U, outputs, lengths, where);
}

Attended AdditiveAttention::operator()(Var query, Memory const& memory, Where where) const {
    require_query(query, memory.values, W.in(), where);
    Attempt const attempt(query.tape(where));
    Var const wq = W(query);
    Var const e  = tanh(wq + memory.keys);
    Var const ve = v(e);
    return looked_up(squeeze(ve, -1, where), memory, where.inside());
}

Memory DotAttention::remember(Var outputs, std::span<Index const> lengths, Where where) const {
    Memory m = remembered(outputs, lengths, where);
    m.keys   = m.values;
    return m;
}

Attended DotAttention::operator()(Var query, Memory const& memory, Where where) const {
    require_query(query, memory.values, memory.values.size(2), where);
    Attempt const attempt(query.tape(where));
    double const scale = scaled_ ? 1 / std::sqrt(static_cast<double>(query.size(1))) : 1;
    Var const e        = dot_products(query, memory, where);
    return looked_up(scale == 1 ? e : Var(scale * e, where.inside()), memory, where.inside());
}

BilinearAttention::BilinearAttention(Params p, Index query, Index memory, Where where)
    : W(p / "W", memory, query, no_bias, where) {}

Memory BilinearAttention::remember(Var outputs, std::span<Index const> lengths, Where where) const {
    return remembered_by(W, outputs, lengths, where);
}

Attended BilinearAttention::operator()(Var query, Memory const& memory, Where where) const {
    require_query(query, memory.values, W.out(), where);
    Attempt const attempt(query.tape(where));
    return looked_up(dot_products(query, memory, where), memory, where.inside());
}

}  // namespace unspool::nn
