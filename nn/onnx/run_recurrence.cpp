// The recurrent operators: the shipped cells' equations, with the file's weights where cells have parameters.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/layers/onnx_activations.hpp>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/projection.hpp>

namespace unspool::nn::onnx {

namespace {

using Values = std::vector<Value>;

struct Recurrence {
    char const* op;
    std::vector<Index> gates;  // ours, by their places in ONNX's order
    std::vector<std::string> functions;
};
Recurrence const rnn{"RNN", {0}, {"Tanh"}}, gru{"GRU", {1, 0, 2}, {"Sigmoid", "Tanh"}},
    lstm{"LSTM", {0, 2, 3, 1}, {"Sigmoid", "Tanh", "Tanh"}};

/// Blocks of the first axis in our order.
Var reordered(Var w, std::vector<Index> const& order, Where where) {
    if (order.size() == 1) return w;
    Index const n = w.size(0) / std::ssize(order);
    std::vector<Var> blocks;
    for (Index k : order) blocks.push_back(slice(w, 0, k * n, (k + 1) * n, where));
    return concat(blocks, 0, where);
}

/// One direction: weights in our order of gates, functions where they are not the usual ones.
struct Direction {
    Var w = {}, u = {}, b = {}, c = {}, p = {};  // p: of peepholes, i o f
    Index hidden;
    std::vector<Activation> f = {};     // none: the usual ones
    bool before               = false;  // of a GRU: the reset gate acts before the product
    bool coupled              = false;  // of an LSTM

    Projections<1> W(Var x) const { return b.empty() ? linear(x, w) : linear(x, w, b); }
    Projections<1> U(Var h) const { return c.empty() ? linear(h, u) : linear(h, u, c); }
    Activation function(std::size_t k) const { return f.empty() ? Activation() : f[k]; }
};

struct RnnStep {
    Direction d;
    Var operator()(Var x, Var h0) const {
        if (auto const f = d.function(0)) return f(Var(d.W(x) + d.U(h0)));
        Var h = tanh(d.W(x) + d.U(h0));
        return h;
    }
};

struct GruStep {
    Direction d;

    Var operator()(Var x, Var h0) const {
        if (d.before || !d.f.empty()) return varied(x, h0);
        auto [rx, zx, nx] = split<3>(d.W(x));
        auto [rh, zh, nh] = split<3>(d.U(h0));
        auto r = sigmoid(rx + rh), z = sigmoid(zx + zh);
        Var n = tanh(nx + r * nh);
        Var h = n + z * (h0 - n);
        return h;
    }

private:
    Var varied(Var x, Var h0) const {
        Index const n     = d.hidden;
        auto [rx, zx, nx] = split<3>(d.W(x));
        Var const uh      = d.before ? Var(rows(h0, 0, 2 * n)) : Var(d.U(h0));
        Var const r = gate(Var(rx + slice(uh, -1, 0, n))), z = gate(Var(zx + slice(uh, -1, n, 2 * n)));
        Var const nh = d.before ? Var(rows(Var(r * h0), 2 * n, 3 * n)) : Var(r * slice(uh, -1, 2 * n, 3 * n));
        Var const m  = activated(d.function(1), Var(nx + nh), [](Var v) -> Var { return tanh(v); });
        Var h        = (1 - z) * m + z * h0;
        return h;
    }
    Var gate(Var v) const {
        return activated(d.function(0), v, [](Var y) -> Var { return sigmoid(y); });
    }
    Projections<1> rows(Var h, Index first, Index end) const {
        Var const part = slice(d.u, 0, first, end);
        return d.c.empty() ? linear(h, part) : linear(h, part, slice(d.c, 0, first, end));
    }
};

struct LstmStep {
    struct State {
        Var h, c;
    };
    Direction d;

    State operator()(Var x, State s) const {
        Var z             = d.W(x) + d.U(s.h);
        auto [i, f, g, o] = split<4>(z);
        if (!d.f.empty() || d.coupled || !d.p.empty()) return varied(i, f, g, o, s);
        Var c = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
        Var h = sigmoid(o) * tanh(c);
        return {h, c};
    }

private:
    State varied(Var zi, Var zf, Var zg, Var zo, State const& s) const {
        Var const g = activated(d.function(1), zg, nn::tanh), i = gate(zi, 0, s.c);
        Var const f = d.coupled ? Var(1 - i) : gate(zf, 2, s.c);
        Var c       = f * s.c + i * g;
        Var const o = gate(zo, 1, c);
        Var h       = o * activated(d.function(2), c, nn::tanh);
        return {h, c};
    }
    Var gate(Var z, Index peephole, Var c) const {
        Var const a = d.p.empty() ? z : Var(z + slice(d.p, 0, peephole * d.hidden, (peephole + 1) * d.hidden) * c);
        return activated(d.function(0), a, nn::sigmoid);
    }
};

// ---- what a node says -----------------------------------------------------------------------------------------------------

/// A recurrent node: its directions, input, and initial states.
class Layers {
public:
    Layers(Call const& c, Recurrence const& form)
        : c_(c), form_(form), batch_first_(c.attribute("layout", Index{0}) != 0) {
        std::string const direction = c.attribute("direction", std::string("forward"));
        auto const is               = [&](char const* name) { return same_word(direction, name); };
        if (!is("forward") && !is("reverse") && !is("bidirectional"))
            c.refuse(fmt::format("{} is no direction: there are forward, reverse and bidirectional", shown(direction)));
        count_ = is("bidirectional") ? 2 : 1, reverse_ = is("reverse");
        require_shapes();
        lengths_ = c.has(4) ? c.numbers(4) : std::vector<Index>();
        functions();
    }
    Index count() const { return count_; }

    Direction direction(Index k) const {
        auto const part = [&](std::size_t input) { return c_.real(input)[At(k, c_.where())]; };
        Direction out{.hidden = hidden_};
        out.w = reordered(part(1), form_.gates, c_.where()), out.u = reordered(part(2), form_.gates, c_.where());
        if (c_.has(3)) {
            Var const b   = part(3);
            Index const n = b.size(0) / 2;
            out.b         = reordered(slice(b, 0, 0, n), form_.gates, c_.where());
            out.c         = reordered(slice(b, 0, n, 2 * n), form_.gates, c_.where());
        }
        if (c_.has(7)) out.p = part(7);
        out.before   = c_.attribute("linear_before_reset", Index{0}) == 0;
        out.coupled  = c_.attribute("input_forget", Index{0}) != 0;
        auto const n = static_cast<Index>(form_.functions.size());
        if (!functions_.empty()) out.f.assign(functions_.begin() + k * n, functions_.begin() + (k + 1) * n);
        return out;
    }
    Var sequence() const { return batch_first_ ? transpose(c_.real(0), {1, 0, 2}, c_.where()) : c_.real(0); }
    Var initial(std::size_t input, Index k) const {
        if (!c_.has(input)) return c_.run.tape.zeros({batch_, hidden_}, c_.where());
        return index(c_.real(input), batch_first_ ? 1 : 0, k, c_.where());
    }
    ScanOptions options(Index k) const { return {.lengths = lengths_, .reverse = k == 1 || reverse_}; }
    /// [T,D,B,H] of [T,B,H] by direction, or [B,T,D,H].
    Var outputs(std::vector<Var> const& ys) const {
        return batch_first_ ? transpose(stack(ys, 2, c_.where()), {1, 0, 2, 3}, c_.where()) : stack(ys, 1, c_.where());
    }
    Var states(std::vector<Var> const& all) const { return stack(all, batch_first_ ? 1 : 0, c_.where()); }

private:
    void require_shapes() {
        for (std::size_t k : {0u, 1u, 2u})
            if (c_.real(k).shape().rank() != 3) c_.refuse(fmt::format("input {} has not three axes", k));
        Shape const x = c_.real(0).shape(), W = c_.real(1).shape(), R = c_.real(2).shape();
        Index const G = std::ssize(form_.gates);
        hidden_ = R[2], batch_ = x[batch_first_ ? 0 : 1];
        if (x[2] < 1 || hidden_ < 1 || (c_.has(7) && &form_ != &lstm)) c_.refuse("its inputs do not fit");
        require(1, {count_, G * hidden_, x[2]}), require(2, {count_, G * hidden_, hidden_});
        require(3, {count_, 2 * G * hidden_}), require(7, {count_, 3 * hidden_});
        Shape const state = batch_first_ ? Shape{batch_, count_, hidden_} : Shape{count_, batch_, hidden_};
        require(5, state), require(6, state);
        if (Index const n = c_.attribute("hidden_size", hidden_); n != hidden_)
            c_.refuse(fmt::format("hidden_size is {}, but R says {}", n, hidden_));
        static_cast<void>(W);
        Index const steps = x[batch_first_ ? 1 : 0];
        c_.require_size(std::array{steps, count_, batch_, G * hidden_});
    }
    void require(std::size_t input, Shape const& expected) const {
        if (c_.has(input) && c_.real(input).shape() != expected)
            c_.refuse(fmt::format("input {} is {}, expected {}", input, core::text(c_.real(input).shape()),
                                  core::text(expected)));
    }
    void functions() {
        auto const reals = [&](char const* name) {
            auto const all = c_.attribute(name, std::vector<float>());
            return std::vector<double>(all.begin(), all.end());
        };
        Activations a{c_.attribute("activations", std::vector<std::string>()), reals("activation_alpha"),
                      reals("activation_beta")};
        if (c_.node.attribute("clip")) a.clip = double{c_.attribute("clip", 0.f)};
        std::size_t const all = form_.functions.size() * static_cast<std::size_t>(count_);
        std::vector<std::string> usual;
        for (std::size_t k = 0; k < all; ++k) usual.push_back(form_.functions[k % form_.functions.size()]);
        if (a.names.empty()) a.names = usual;
        if (a.names.size() != all) c_.refuse(fmt::format("there are {} activations, expected {}", a.names.size(), all));
        if (a.names != usual || a.clip) functions_ = functions_of(form_.op, a, c_.where());
    }

    Call const& c_;
    Recurrence const& form_;
    bool batch_first_;
    Index count_ = 1, hidden_ = 0, batch_ = 0;
    bool reverse_ = false;
    std::vector<Index> lengths_;
    std::vector<Activation> functions_;  // of all directions; none: the usual ones
};

template <class Step> Values run(Call const& c, Recurrence const& form) {
    Layers const layers(c, form);
    std::vector<Var> ys, hs, cs;
    for (Index k = 0; k < layers.count(); ++k) {
        Step const step{layers.direction(k)};
        Var const h = layers.initial(5, k);
        if constexpr (std::same_as<Step, LstmStep>) {
            auto const r =
                scan(step, layers.sequence(), LstmStep::State{h, layers.initial(6, k)}, layers.options(k), c.where());
            ys.push_back(sequence_of(r.outputs, r.state.h, c.where())), hs.push_back(r.state.h),
                cs.push_back(r.state.c);
        } else {
            auto const r = scan(step, layers.sequence(), h, layers.options(k), c.where());
            ys.push_back(sequence_of(r.outputs, r.state, c.where())), hs.push_back(r.state);
        }
    }
    Values out{layers.outputs(ys), layers.states(hs)};
    if (!cs.empty()) out.emplace_back(layers.states(cs));
    return out;
}

}  // namespace

Evaluators const& recurrent() {
    static Evaluators const all{{"RNN", [](Call const& c) { return run<RnnStep>(c, rnn); }},
                                {"GRU", [](Call const& c) { return run<GruStep>(c, gru); }},
                                {"LSTM", [](Call const& c) { return run<LstmStep>(c, lstm); }},
                                {"Scan", scanned}};
    return all;
}

}  // namespace unspool::nn::onnx
