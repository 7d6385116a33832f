// The three recurrent operators of ONNX: weights and attributes of the shipped cells.
#include <algorithm>
#include <unspool/nn/cells/gru.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/nn/files/gate_orders.hpp>
#include <unspool/nn/onnx/layers.hpp>

namespace unspool::nn::onnx {

namespace {

using Array = xt::xarray<double>;

struct Form {
    char const* op;
    std::vector<std::string> states;
    std::vector<Attribute> attributes = {};
};

bool as_usual(RNNCell const& c) { return !c.options().activation; }
bool as_usual(GRUCell const& c) { return !c.options().gate && !c.options().candidate; }
bool as_usual(LSTMCell const& c) {
    auto const& o = c.options();
    return o.projection == 0 && o.clip == 0 && !o.coupled && !o.layer_norm && o.input_gate && o.forget_gate &&
           o.output_gate && !o.gate && !o.candidate && !o.output;
}
Form form(RNNCell const&) { return {"RNN", {"h"}}; }
Form form(GRUCell const& c) {
    return {"GRU", {"h"}, {{"linear_before_reset", Index{c.options().reset == Reset::after}}}};
}
Form form(LSTMCell const&) { return {"LSTM", {"h", "c"}}; }

/// Are all directions of this kind, and alike?
bool alike(GRUCell const& a, GRUCell const& b) { return a.options().reset == b.options().reset; }
bool alike(LSTMCell const& a, LSTMCell const& b) { return a.options().peepholes == b.options().peepholes; }
bool alike(RNNCell const&, RNNCell const&) { return true; }
template <class C> bool fits(Directions all) {
    C const* const first = all[0].as<C>();
    return std::all_of(all.begin(), all.end(), [&](DescribedCell const& d) {
        C const* const c = d.as<C>();
        return c && as_usual(*c) && alike(*first, *c) && c->options().bias == first->options().bias &&
               c->in() == first->in() && c->out() == first->out();
    });
}

Array values(Param const* p) {
    if (!p) return Array::from_shape({0});
    return dispatch(p->dtype(), [&](auto t) { return Array(p->value<decltype(t)>()); });
}
RecurrentWeights weights(Gates const& g) {
    return {values(&g.W.weight), values(&g.U.weight), values(g.W.bias), values(g.U.bias)};
}

/// "lstm.l0" of "lstm.weight_ih_l0".
std::string name_of(Gates const& g) {
    std::string out              = g.W.weight.path();
    std::string_view const begin = "weight_ih_";
    if (auto const at = out.rfind(begin); at != out.npos) out.erase(at, begin.size());
    return out;
}

std::string stored(Builder& to, std::string const& name, Array const& a) {
    return a.size() == 0 ? "" : to.reals(name, {a.shape().begin(), a.shape().end()}, {a.begin(), a.end()});
}

std::string zeros(Builder& to, std::string const& name, std::vector<Index> const& shape) {
    std::vector<double> const all(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]));
    return to.reals(name, shape, all, true);
}

/// i o f, direction by direction.
template <class C> Array peepholes(Directions all) {
    std::vector<double> out;
    if constexpr (std::same_as<C, LSTMCell>)
        for (auto const& d : all)
            for (Param const* p : {d.as<C>()->weight_ci(), d.as<C>()->weight_co(), d.as<C>()->weight_cf()})
                for (double x : values(p)) out.push_back(x);
    if (out.empty()) return Array::from_shape({0});
    Array a = Array::from_shape({all.size(), out.size() / all.size()});
    std::copy(out.begin(), out.end(), a.begin());
    return a;
}

std::string direction(Directions all) {
    return all.size() == 2 ? "bidirectional" : all[0].reverse ? "reverse" : "forward";
}

/// The first direction runs forward, if there are two.
bool in_order(Directions all) { return all.size() == 1 || (all.size() == 2 && !all[0].reverse && all[1].reverse); }

/// [T,D,B,H] as [T,B,D·H], and [D,B,H] as [B,D·H].
std::string side_by_side(Builder& to, std::string const& y, Index directions, Index hidden, LayerInputs const& in) {
    bool const steps = !in.last;
    if (directions == 1 && !in.sizes) return to.squeezed(y, steps ? 1 : 0);
    if (directions == 1)
        return to.reshaped(y, steps ? std::vector<Index>{in.sizes->time, in.sizes->batch, hidden}
                                    : std::vector<Index>{in.sizes->batch, hidden});
    std::vector<Index> const axes  = steps ? std::vector<Index>{0, 2, 1, 3} : std::vector<Index>{1, 0, 2},
                             shape = steps ? std::vector<Index>{0, 0, directions * hidden}
                                           : std::vector<Index>{0, directions * hidden};
    return to.reshaped(to.transposed(y, axes), shape);
}

template <class C> LayerValues written(Builder& to, Directions all, LayerInputs const& in) {
    C const& first = *all[0].as<C>();
    Form what      = form(first);
    std::vector<RecurrentWeights> each;
    for (auto const& d : all) each.push_back(weights(d.as<C>()->gates));
    OnnxWeights const w    = to_onnx(each);
    std::string const name = name_of(first.gates);
    Node n{.op     = what.op,
           .inputs = {in.xs[0], stored(to, name + ".W", w.W), stored(to, name + ".R", w.R),
                      stored(to, name + ".B", w.B), ""}};
    n.inputs.resize(7);
    Index const H = first.out(), D = std::ssize(all);
    for (std::size_t k = 0; k < what.states.size(); ++k) {
        if (k < in.states.size()) n.inputs[5 + k] = in.states[k];
        else if (in.sizes) n.inputs[5 + k] = zeros(to, name + "." + what.states[k] + "_0", {D, in.sizes->batch, H});
    }
    n.inputs.push_back(stored(to, name + ".P", peepholes<C>(all)));
    while (n.inputs.back().empty()) n.inputs.pop_back();
    what.attributes.push_back({"direction", direction(all)}), what.attributes.push_back({"hidden_size", H});
    n.attributes = what.attributes;
    n.outputs    = {to.name("Y")};
    for (auto const& s : what.states) n.outputs.push_back(to.name("Y_" + s));
    to.add(n);
    return {.y        = side_by_side(to, n.outputs[in.last], D, H, in),
            .states   = {n.outputs.begin() + 1, n.outputs.end()},
            .names    = what.states,
            .shapes   = std::vector<Shape>(what.states.size(), Shape{H}),
            .features = {D * H}};
}

}  // namespace

std::optional<LayerValues> as_operator(Builder& to, Directions all, LayerInputs const& in) {
    if (!in_order(all) || in.xs.size() != 1) return {};
    if (fits<RNNCell>(all)) return written<RNNCell>(to, all, in);
    if (fits<GRUCell>(all)) return written<GRUCell>(to, all, in);
    if (fits<LSTMCell>(all)) return written<LSTMCell>(to, all, in);
    return {};
}

}  // namespace unspool::nn::onnx
