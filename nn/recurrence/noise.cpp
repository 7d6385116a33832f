// How noise is drawn once and used in all steps.
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/recurrence/noise.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

void require_probability(char const* name, double p, Where where) {
    require_number(p >= 0 && p <= 1, "StateNoise", name, p, "in [0, 1]", where);
}

/// 0 with probability p, else 1 / (1 − p).
Var dropout_mask(Tape& tape, Shape const& shape, double p, Random& random, Where where) {
    return dropout(tape.filled(shape, where, [](auto v) { std::fill(v.begin(), v.end(), 1); }), p, random, where);
}

}  // namespace

NoiseOnState::NoiseOnState(StateNoise const& noise, Where where)
    : noise_(noise), where_(where.inside()), dropout_(noise.dropout, noise.random, where_) {
    require_probability("dropout", noise.dropout, where);
    require_probability("zoneout", noise.zoneout, where);
    require_probability("zoneout_memory", noise.zoneout_memory, where);
}

Var NoiseOnState::mask(Var& kept, Var like, double p) {
    if (!noise_.one_mask) return bernoulli(like.tape(), like.shape(), p, *noise_.random, where_);
    if (kept.empty()) kept = bernoulli(like.tape(), like.shape(), p, *noise_.random, where_);
    return kept;
}

Var NoiseOnState::after(std::size_t part, bool is_h, Var next, Var last) {
    double const p = is_h ? noise_.zoneout : noise_.zoneout_memory;
    if (p == 0) return next;
    if (!noise_.random) return Var(p * last + (1 - p) * next, where_);
    if (zones_.size() <= part) zones_.resize(part + 1);
    return Var(core::where(mask(zones_[part], next, p), last, next), where_);
}

Var variational_dropout(Var xs, double p, Random& random, Where where) {
    require_number(p >= 0 && p <= 1, "variational_dropout", "p", p, "in [0, 1]", where);
    Shape shape = xs.window(where).shape;
    if (shape.empty())
        throw ShapeError(text(where) +
                         ": variational_dropout wants a sequence with time as its first axis, not a scalar");
    shape[0] = 1;
    return Var(xs * dropout_mask(xs.tape(where), shape, p, random, where.inside()), where);
}

}  // namespace unspool::core
