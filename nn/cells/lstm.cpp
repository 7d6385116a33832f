// One step of long short-term memory, and of its variants.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::nn {

namespace {

bool owns_forget_gate(LSTMCellOptions const& o) { return o.forget_gate && !o.coupled; }

Index gates_of(LSTMCellOptions const& o) { return Index{1} + o.input_gate + owns_forget_gate(o) + o.output_gate; }

LSTMCellOptions const& checked(LSTMCellOptions const& o, Params const& p, Where where) {
    require_not_negative("LSTMCell", "clip", o.clip, where);
    if (o.projection < 0) require_size("LSTMCell", p, "projection", o.projection, where);
    if (o.coupled && !(o.input_gate && o.forget_gate))
        throw ValueError(text(where) +
                         ": LSTMCell: coupled gates are f = 1 − i, which needs the input gate and the forget gate");
    if (o.forget_bias && (o.coupled || !o.forget_gate || o.bias == Bias::without))
        throw ValueError(text(where) + ": LSTMCell: forget_bias needs a forget gate of its own, with a bias");
    if ((o.peepholes || o.gate) && gates_of(o) == 1)
        throw ValueError(fmt::format("{}: LSTMCell: {} of gates, and there are none", text(where),
                                     o.peepholes ? "peepholes are" : "the activation `gate` is"));
    return o;
}

GateSizes sizes_of(Index in, Index hidden, LSTMCellOptions const& o) {
    return {.gates  = gates_of(o),
            .in     = in,
            .hidden = hidden,
            .state  = o.projection == 0 ? hidden : o.projection,
            .bias   = o.bias,
            .suffix = o.suffix};
}

/// The gates that there are, in their order, and nothing for others.
class Pieces {
public:
    Pieces(Var const& z, Index n) : z_(z), n_(n) {}
    std::optional<Var> next(bool there) { return there ? std::optional(piece(z_, k_++, n_)) : std::nullopt; }

private:
    Var z_;
    Index n_, k_ = 0;
};

}  // namespace

LSTMCell::LSTMCell(Params p, Index in, Index hidden, Options options, Where where)
    : gates("LSTMCell", p, sizes_of(in, hidden, checked(options, p, where)), where)
    , options_(std::move(options))
    , extras_(extras(p, sizes_of(in, hidden, options_), options_, where)) {
    if (options_.forget_bias) start_forget_gate(*options_.forget_bias);
}

LSTMCell::Extras LSTMCell::extras(Params p, GateSizes const& s, Options const& o, Where where) {
    Extras e;
    double const a = usual_bound(s.hidden);
    auto name      = [&](char const* stem) { return fmt::format("{}{}", stem, s.suffix); };
    auto hole      = [&](char const* stem) { return &p.uniform(name(stem), {s.hidden}, -a, a, where); };
    if (o.projection > 0) e.hr = &p.uniform(name("weight_hr"), {s.state, s.hidden}, -a, a, where);
    if (o.peepholes && o.input_gate) e.ci = hole("weight_ci");
    if (o.peepholes && owns_forget_gate(o)) e.cf = hole("weight_cf");
    if (o.peepholes && o.output_gate) e.co = hole("weight_co");
    if (!o.layer_norm) return e;
    e.norm_ih     = &p.constant(name("norm_ih"), {s.gates * s.hidden}, 1, where);
    e.norm_hh     = &p.constant(name("norm_hh"), {s.gates * s.hidden}, 1, where);
    e.norm_c      = &p.constant(name("norm_c"), {s.hidden}, 1, where);
    e.norm_c_bias = &p.zeros(name("norm_c_bias"), {s.hidden}, where);
    return e;
}

void LSTMCell::start_forget_gate(double bias) {
    auto const first = options_.input_gate ? hidden() : 0;
    auto fill        = [&](Param& b, double value) {
        dispatch(b.dtype(), [&](auto t) {
            using T    = decltype(t);
            auto* data = static_cast<T*>(b.mutable_data(dtype_of<T>)) + first;
            std::fill(data, data + hidden(), static_cast<T>(value));
        });
    };
    fill(*gates.W.bias, bias);
    fill(*gates.U.bias, 0);
}

void LSTMCell::Extras::require_readable(Where where) const {
    for (Param* p : {hr, ci, cf, co, norm_ih, norm_hh, norm_c, norm_c_bias})
        if (p) p->require_readable(where);
}

bool LSTMCell::plain() const {
    auto const& o = options_;
    return gates_of(o) == 4 &&
           !(o.projection || o.peepholes || o.layer_norm || o.clip != 0 || o.gate || o.candidate || o.output);
}

LSTMCell::State LSTMCell::operator()(Var x, State s, Where where) const {
    gates.require_shapes("lstm", x, {{"h", s.h}, {"c", s.c}}, where);
    if (!plain()) {
        extras_.require_readable(where);
        return varied(x, s, nullptr, 0);
    }
    Linear const &W = gates.W, &U = gates.U;

    Var z             = W(x) + U(s.h);
    auto [i, f, g, o] = split<4>(z);
    Var c             = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
    Var h             = sigmoid(o) * tanh(c);
    return {h, c};
}

// ---- variants -------------------------------------------------------------------------------------------------------

Var LSTMCell::preactivations(Var x, Var h) const {
    Linear const &W = gates.W, &U = gates.U;
    if (!options_.layer_norm) return W(x) + U(h);
    Var wx = linear(x, W.weight), uh = linear(h, U.weight);
    Var z = *extras_.norm_ih * layer_norm(wx) + *extras_.norm_hh * layer_norm(uh);
    return W.bias ? z + *W.bias + *U.bias : z;
}

Var LSTMCell::gate(Var z, Param* peephole, Var c) const {
    Var a = peephole ? z + *peephole * c : z;
    return activated(options_.gate, a, sigmoid);
}

Var LSTMCell::output(Var c, std::optional<Var> const& o) const {
    Var n = options_.layer_norm ? Var(*extras_.norm_c * layer_norm(c) + *extras_.norm_c_bias) : c;
    Var y = activated(options_.output, n, tanh);
    if (o) y = *o * y;
    return extras_.hr ? linear(y, *extras_.hr) : y;
}

LSTMCell::State LSTMCell::varied(Var x, State const& s, Recorder* recorder, Index t) const {
    Pieces z(preactivations(x, s.h), gates_of(options_));
    auto const zi = z.next(options_.input_gate), zf = z.next(owns_forget_gate(options_)), zg = z.next(true);
    auto const zo = z.next(options_.output_gate);
    auto put      = [&](char const* name, Var v) {
        if (recorder) recorder->put(name, t, v);
        return v;
    };

    Var const g = put("g", activated(options_.candidate, *zg, tanh));
    Var kept = s.c, added = g;
    if (zi) {
        Var const i = put("i", gate(*zi, extras_.ci, s.c));
        added       = i * g;
        if (options_.coupled) kept = put("f", 1 - i) * s.c;
    }
    if (zf) kept = put("f", gate(*zf, extras_.cf, s.c)) * s.c;
    Var c = kept + added;
    if (options_.clip > 0) c = clamp(c, -options_.clip, options_.clip);
    auto const o = zo ? std::optional(put("o", gate(*zo, extras_.co, c))) : std::nullopt;
    return {output(c, o), c};
}

void LSTMCell::record(Recorder& recorder, Index t, Var x, State const& s) const { varied(x, s, &recorder, t); }

}  // namespace unspool::nn
