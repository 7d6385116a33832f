// Turns weights, attributes and shapes of ONNX's operators into those of the shipped cells, and back.
#include <array>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/files/gate_orders.hpp>
#include <unspool/nn/layers/onnx.hpp>
#include <xtensor/xview.hpp>

namespace unspool::nn::onnx {

namespace {

using Array     = xt::xarray<double>;
using Functions = std::span<Activation const>;  // of one direction

/// What the operators do not have in common.
template <class C> struct Form;
template <> struct Form<RNNCell> {
    static constexpr auto name                        = "RNN";
    static constexpr std::array<char const*, 1> usual = {"Tanh"};
    static constexpr Index gates                      = 1;
    static RNNCellOptions options(Weights const&, Attributes const&, Functions f) { return {.activation = f[0]}; }
};
template <> struct Form<GRUCell> {
    static constexpr auto name                        = "GRU";
    static constexpr std::array<char const*, 2> usual = {"Sigmoid", "Tanh"};
    static constexpr Index gates                      = 3;
    static GRUCellOptions options(Weights const&, Attributes const& a, Functions f) {
        return {.reset = a.linear_before_reset ? Reset::after : Reset::before, .gate = f[0], .candidate = f[1]};
    }
};
template <> struct Form<LSTMCell> {
    static constexpr auto name                        = "LSTM";
    static constexpr std::array<char const*, 3> usual = {"Sigmoid", "Tanh", "Tanh"};
    static constexpr Index gates                      = 4;
    static LSTMCellOptions options(Weights const& w, Attributes const& a, Functions f) {
        return {
            .peepholes = w.P.size() > 0, .coupled = a.input_forget, .gate = f[0], .candidate = f[1], .output = f[2]};
    }
};
template <class C> constexpr bool is_lstm = std::same_as<C, LSTMCell>;

// ---- what can be -----------------------------------------------------------------------------------------------------

bool runs_backward(Attributes const& a, Index d) { return d == 1 || same_word(a.direction, "reverse"); }

Index directions_of(char const* op, Attributes const& a, Where where) {
    if (same_word(a.direction, "forward") || same_word(a.direction, "reverse")) return 1;
    if (same_word(a.direction, "bidirectional")) return 2;
    throw ValueError(fmt::format("{}: {}: direction is \"{}\", but must be forward, reverse or bidirectional",
                                 text(where), op, a.direction));
}

template <class C> void require_known_attributes(Attributes const& a, Where where) {
    auto refuse = [&](bool there, char const* name) {
        if (there) throw ValueError(fmt::format("{}: {} has no attribute {}", text(where), Form<C>::name, name));
    };
    refuse(a.input_forget && !is_lstm<C>, "input_forget");
    refuse(a.linear_before_reset && !std::same_as<C, GRUCell>, "linear_before_reset");
}

bool absent(Array const& a) { return a.size() == 0 && a.dimension() <= 1; }

template <class C> bool fit(Weights const& w, Index hidden_size, Index D) {
    if (w.W.dimension() != 3 || w.R.dimension() != 3) return false;
    Shape const W = Shape::of(w.W.shape()), R = Shape::of(w.R.shape());
    Index const H = R[2], rows = Form<C>::gates * H;
    return H >= 1 && W[2] >= 1 && (hidden_size == 0 || hidden_size == H) && W == Shape{D, rows, W[2]} &&
           R == Shape{D, rows, H} && (absent(w.B) || Shape::of(w.B.shape()) == Shape{D, 2 * rows}) &&
           (absent(w.P) || (is_lstm<C> && Shape::of(w.P.shape()) == Shape{D, 3 * H}));
}

template <class C> void require_fit(Weights const& w, Attributes const& a, Index D, Where where) {
    if (fit<C>(w, a.hidden_size, D)) return;
    std::string const H  = a.hidden_size == 0 ? "H" : fmt::format("{}", a.hidden_size);
    std::string expected = fmt::format("W [{0},{1}*{2},I]  R [{0},{1}*{2},{2}]  B [{0},{3}*{2}]", D, Form<C>::gates, H,
                                       2 * Form<C>::gates);
    if (is_lstm<C>) expected += fmt::format("  P [{},3*{}]", D, H);
    std::vector<Shown> shown{{"W", Shape::of(w.W.shape())}, {"R", Shape::of(w.R.shape())}};
    if (!absent(w.B)) shown.push_back({"B", Shape::of(w.B.shape())});
    if (!absent(w.P)) shown.push_back({"P", Shape::of(w.P.shape())});
    throw ShapeError(describe(where, Form<C>::name, "the weights do not fit", expected, shown));
}

/// The functions of all directions, or as many nothings where all are the usual ones.
template <class C> std::vector<Activation> functions(Attributes const& a, Index D, Where where) {
    constexpr auto n = Form<C>::usual.size();
    auto const all   = n * static_cast<std::size_t>(D);
    Activations what{a.activations, a.activation_alpha, a.activation_beta, a.clip};
    if (n == 1 && D == 1 && what.names.size() == 2)
        what.names.pop_back();  // RNN's default in the schema is for two directions
    bool const usual = what.names.empty();
    for (std::size_t k = 0; usual && k < all; ++k) what.names.emplace_back(Form<C>::usual[k % n]);
    if (what.names.size() != all)
        throw ValueError(fmt::format("{}: {}: there are {} activations, but must be {}, {} a direction", text(where),
                                     Form<C>::name, what.names.size(), all, n));
    auto const given = functions_of(Form<C>::name, what, where);
    return usual && !a.clip ? std::vector<Activation>(all) : given;
}

// ---- weights ---------------------------------------------------------------------------------------------------------

/// Of rows i f g o, those of i g o.
Array without_forget_gate(Array const& a) {
    auto const H = a.shape()[0] / 4;
    return xt::concatenate(xt::xtuple(xt::view(a, xt::range(std::size_t{0}, H)), xt::view(a, xt::range(2 * H, 4 * H))),
                           0);
}

void load(Gates const& to, RecurrentWeights const& w, bool coupled) {
    auto rows = [&](Array const& a) { return coupled ? without_forget_gate(a) : a; };
    to.W.weight.assign(rows(w.weight_ih)), to.U.weight.assign(rows(w.weight_hh));
    if (to.W.bias) to.W.bias->assign(rows(w.bias_ih)), to.U.bias->assign(rows(w.bias_hh));
}

void load_peepholes(Params const& p, std::string const& suffix, Array const& P, Index d) {
    auto const H = P.shape()[1] / 3;
    for (std::size_t k = 0; char const* name : {"weight_ci", "weight_co", "weight_cf"}) {
        auto const part = k++ * H;
        if (p.contains(name + suffix)) p[name + suffix].assign(Array(xt::view(P, d, xt::range(part, part + H))));
    }
}

template <class C> Layer<C> layer(Params p, Weights const& w, Attributes const& a, Functions f, Index d, Where where) {
    auto options   = Form<C>::options(w, a, f);
    options.bias   = absent(w.B) ? Bias::without : Bias::with;
    options.suffix = "_" + layer_name(0, runs_backward(a, d));
    Shape const W = Shape::of(w.W.shape()), R = Shape::of(w.R.shape());
    Layer<C> out(C(p, W[2], R[2], options, where), runs_backward(a, d));
    Array const no_bias_at_all = Array::from_shape({0});
    load(out.cell.gates, from_onnx({w.W, w.R, absent(w.B) ? no_bias_at_all : w.B})[static_cast<std::size_t>(d)],
         a.input_forget);
    if (!absent(w.P)) load_peepholes(p, options.suffix, w.P, d);
    return out;
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

/// The outputs [T,B,H] of each direction as one.
Var joined_outputs(std::span<Var const> ys, bool batch_first, Where where) {
    if (!batch_first) return stack(ys, 1, where.inside());
    return transpose(stack(ys, 2, where.inside()), {1, 0, 2, 3}, where.inside());
}

}  // namespace

template <class C> Operator<C>::Operator(Params p, Weights const& w, Attributes const& a, Where where)
    : batch_first_(a.layout) {
    Index const D = directions_of(Form<C>::name, a, where);
    require_known_attributes<C>(a, where);
    require_fit<C>(w, a, D, where);
    auto const f = functions<C>(a, D, where);
    auto const n = Form<C>::usual.size();
    for (Index d = 0; d < D; ++d)
        layers_.push_back(layer<C>(p, w, a, Functions(f).subspan(n * static_cast<std::size_t>(d), n), d, where));
}

template <class C> void Operator<C>::require_state(Var state, Var xs, Where where) const {
    Index const D = std::ssize(layers_), B = xs.size(1), H = layers_[0].cell.out();
    Shape const expected = batch_first_ ? Shape{B, D, H} : Shape{D, B, H};
    if (state.window(where).shape != expected)
        throw ShapeError(describe(where, Form<C>::name, "the initial state does not fit",
                                  fmt::format("[{},{},{}]", expected[0], expected[1], expected[2]),
                                  std::array{Shown{label(state), state.shape()}}));
}

template <class C> auto Operator<C>::given_to(std::size_t d, Var xs, Inputs const& in, Where where) const
    -> Given<State> {
    auto part = [&](Var all, Var zeros) {
        return all.empty() ? zeros : index(all, batch_first_ ? 1 : 0, static_cast<Index>(d), where);
    };
    State s = layers_[d].cell.zeros(xs.tape(where), xs.size(1));
    if constexpr (is_lstm<C>) s = {part(in.initial_h, s.h), part(in.initial_c, s.c)};
    else s = part(in.initial_h, s);
    return {.state = s, .lengths = in.sequence_lens};
}

template <class C> Outputs Operator<C>::operator()(Var X, Inputs const& in, Where where) const {
    require_sequences(X, where);
    if (!in.initial_c.empty() && !is_lstm<C>)
        throw ValueError(fmt::format("{}: {} has no initial_c", text(where), Form<C>::name));
    Attempt const attempt(X.tape(where));
    Var const xs = time_first(X, batch_first_, where);
    for (Var const& s : {in.initial_h, in.initial_c})
        if (!s.empty()) require_state(s, xs, where);
    std::vector<Var> ys, hs, cs;
    for (std::size_t d = 0; d < layers_.size(); ++d) {
        auto const run = layers_[d](xs, given_to(d, xs, in, where), where);
        ys.push_back(run.outputs), hs.push_back(output_of(run.state));
        if constexpr (is_lstm<C>) cs.push_back(run.state.c);
    }
    auto states = [&](std::span<Var const> all) {
        return all.empty() ? Var() : stack(all, batch_first_ ? 1 : 0, where.inside());
    };
    return {joined_outputs(ys, batch_first_, where), states(hs), states(cs)};
}

template class Operator<RNNCell>;
template class Operator<GRUCell>;
template class Operator<LSTMCell>;

}  // namespace unspool::nn::onnx
