// The options of the cells, and the cells of papers: against their equations written out, and against differences.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

using State = nn::LSTMCell::State;

/// Gate k out of n, without its activation, of a stacked cell called as usual.
Var sum_of(Params const& p, Var x, Var h, Index k, Index n) {
    GateSums const g(p, x, h, k, n);
    Var z = g.x + g.h;
    return z;
}

/// A variant and its equations give the same states and gradients.
void compare(nn::LSTMCellOptions const& options, std::function<State(Params const&, Var, State)> const& textbook) {
    Params p(3, float64);
    nn::LSTMCell const cell(p, 4, 6, options);
    auto const n = static_cast<std::size_t>(cell.out());
    auto run     = [&](auto const& step) {
        Tape tape(float64);
        Var x = tape.input(numbers({5, 3, 4}, 1)), h = tape.input(numbers({3, n}, 2)),
            c        = tape.input(numbers({3, 6}, 4));
        auto const r = scan(step, x, State{h, c});
        Var y        = sum(stack(r.outputs) * numbers({5, 3, n}, 5)) + sum(square(r.state.c));
        Gradients g  = backward(y);
        std::vector<xt::xarray<double>> out{xt::xarray<double>(stack(r.outputs).template value<double>()), g[x], g[h],
                                            g[c]};
        for (Param* q : p.all()) out.push_back(g[*q]);
        return out;
    };
    auto const ours = run(cell), theirs = run([&](Var x, State s) { return textbook(p, x, s); });
    BOOST_REQUIRE(ours.size() == theirs.size());
    for (std::size_t k = 0; k < ours.size(); ++k) {
        BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(ours[k], theirs[k], 1e-12));
        BOOST_TEST((xt::amax(xt::abs(ours[k]))() > 0));  // every parameter takes part
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(variants)

BOOST_AUTO_TEST_CASE(peepholes_see_the_state) {
    compare({.peepholes = true}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 4); };
        Var i  = sigmoid(z(0) + p["weight_ci_l0"] * s.c);
        Var f  = sigmoid(z(1) + p["weight_cf_l0"] * s.c);
        Var c  = f * s.c + i * tanh(z(2));
        Var o  = sigmoid(z(3) + p["weight_co_l0"] * c);
        Var h  = o * tanh(c);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(coupled_gates_share_weights) {
    compare({.coupled = true}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 3); };
        Var i  = sigmoid(z(0));
        Var c  = (1 - i) * s.c + i * tanh(z(1));
        Var h  = sigmoid(z(2)) * tanh(c);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(norms_are_of_all_gates_together) {
    compare({.layer_norm = true}, [](Params const& p, Var x, State s) -> State {
        Var wx = linear(x, p["weight_ih_l0"]), uh = linear(s.h, p["weight_hh_l0"]);
        Var z = p["norm_ih_l0"] * layer_norm(wx) + p["norm_hh_l0"] * layer_norm(uh) + p["bias_ih_l0"] + p["bias_hh_l0"];
        auto [i, f, g, o] = split<4>(z);
        Var c             = sigmoid(f) * s.c + sigmoid(i) * tanh(g);
        Var m             = mean(c, -1, Reduced::keep);
        Var d             = c - m;
        Var v             = mean(square(d), -1, Reduced::keep);
        Var h             = sigmoid(o) * tanh(p["norm_c_l0"] * d / sqrt(v + 1e-5) + p["norm_c_bias_l0"]);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(a_projection_makes_the_output_smaller) {
    compare({.projection = 2}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 4); };
        Var c  = sigmoid(z(1)) * s.c + sigmoid(z(0)) * tanh(z(2));
        Var y  = sigmoid(z(3)) * tanh(c);
        Var h  = linear(y, p["weight_hr_l0"]);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(gates_can_be_missing) {
    compare({.input_gate = false}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 3); };
        Var c  = sigmoid(z(0)) * s.c + tanh(z(1));
        Var h  = sigmoid(z(2)) * tanh(c);
        return {h, c};
    });
    compare({.forget_gate = false}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 3); };
        Var c  = s.c + sigmoid(z(0)) * tanh(z(1));
        Var h  = sigmoid(z(2)) * tanh(c);
        return {h, c};
    });
    compare({.output_gate = false}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 3); };
        Var c  = sigmoid(z(1)) * s.c + sigmoid(z(0)) * tanh(z(2));
        Var h  = tanh(c);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(activations_are_the_users) {
    nn::LSTMCellOptions o;
    o.gate      = [](Var x) -> Var { return hard_sigmoid(x); };
    o.candidate = [](Var x) -> Var { return softsign(x); };
    o.output    = [](Var x) -> Var { return x; };
    compare(o, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 4); };
        Var c  = hard_sigmoid(z(1)) * s.c + hard_sigmoid(z(0)) * softsign(z(2));
        Var h  = hard_sigmoid(z(3)) * c;
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(the_state_can_be_clipped) {
    compare({.clip = 0.4}, [](Params const& p, Var x, State s) -> State {
        auto z = [&](Index k) { return sum_of(p, x, s.h, k, 4); };
        Var c  = clamp(sigmoid(z(1)) * s.c + sigmoid(z(0)) * tanh(z(2)), -0.4, 0.4);
        Var h  = sigmoid(z(3)) * tanh(c);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(the_forget_gate_can_start_open) {
    Params p;
    nn::LSTMCell cell(p, 2, 3, {.forget_bias = 1.5});
    auto b = p["bias_ih_l0"].value<float>(), c = p["bias_hh_l0"].value<float>();
    for (std::size_t k = 0; k < 12; ++k) {
        bool const forget = k / 3 == 1;
        BOOST_TEST((b(k) == 1.5f) == forget);
        BOOST_TEST((c(k) == 0) == forget);
    }
    nn::LSTMCell without(p / "without", 2, 3, {.input_gate = false, .forget_bias = 1});
    BOOST_TEST(p["without.bias_ih_l0"].value<float>()(2) == 1.f);
}

BOOST_AUTO_TEST_CASE(contradictions_are_refused) {
    Params p;
    auto refused = [&](nn::LSTMCellOptions const& o) { return message<ValueError>([&] { nn::LSTMCell(p, 2, 3, o); }); };
    BOOST_TEST(has(refused({.coupled = true, .input_gate = false}), "coupled gates are f = 1 − i"));
    BOOST_TEST(has(refused({.coupled = true, .forget_bias = 1}), "forget_bias needs a forget gate of its own"));
    BOOST_TEST(has(refused({.bias = nn::no_bias, .forget_bias = 1}), "with a bias"));
    BOOST_TEST(has(refused({.projection = -1}), "projection is -1, but must be at least 1"));
    BOOST_TEST(has(refused({.clip = -1}), "clip is -1, but must be finite and not negative"));
    BOOST_TEST(p.all().empty());
    nn::LSTMCellOptions none{.input_gate = false, .forget_gate = false, .output_gate = false};
    nn::LSTMCell(p / "none", 2, 3, none);
    BOOST_TEST(p.all().size() == 4U);
    none.peepholes = true;
    BOOST_TEST(has(refused(none), "peepholes are of gates, and there are none"));
    none.peepholes = false, none.gate = [](Var x) { return relu(x); };
    BOOST_TEST(has(refused(none), "`gate` is of gates, and there are none"));
    BOOST_TEST(p.all().size() == 4U);
}

BOOST_AUTO_TEST_CASE(the_reset_gate_can_be_before_the_product) {
    Params p(3, float64);
    nn::GRUCell cell(p, 4, 6, {.reset = nn::Reset::before});
    auto run = [&](auto const& step) {
        Tape tape(float64);
        Var x = tape.input(numbers({5, 3, 4}, 1)), h = tape.input(numbers({3, 6}, 2));
        auto const r = scan(step, x, h);
        Gradients g  = backward(sum(stack(r.outputs) * numbers({5, 3, 6}, 5)));
        std::vector<xt::xarray<double>> out{xt::xarray<double>(r.state.template value<double>()), g[x], g[h]};
        for (Param* q : p.all()) out.push_back(g[*q]);
        return out;
    };
    struct Textbook {
        Params const& p;
        Var operator()(Var x, Var h0) const {
            Var r = sigmoid(sum_of(p, x, h0, 0, 3)), z = sigmoid(sum_of(p, x, h0, 1, 3)), rh = r * h0;
            GateSums s(p, x, rh, 2, 3);
            Var n = tanh(s.x + s.h);
            Var h = (1 - z) * n + z * h0;
            return h;
        }
    };
    auto const ours = run(cell), theirs = run(Textbook{p});
    for (std::size_t k = 0; k < ours.size(); ++k)
        BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(ours[k], theirs[k], 1e-12));
}

BOOST_AUTO_TEST_CASE(usual_activations_given_by_name_change_nothing) {
    auto const run = [](auto const& make) {
        Params p(3, float64);
        auto const cell = make(p);
        Tape tape(float64);
        Var x        = tape.input(numbers({5, 3, 4}, 1));
        auto const r = scan(cell, x, cell.zeros(tape, 3));
        Gradients g  = backward(sum(stack(r.outputs) * numbers({5, 3, 6}, 5)));
        std::vector<xt::xarray<double>> out{g[x]};
        for (Param* q : p.all()) out.push_back(g[*q]);
        return out;
    };
    nn::Activation const s = [](Var x) -> Var { return sigmoid(x); }, t = [](Var x) -> Var { return tanh(x); };
    auto const same = [&](auto const& a, auto const& b) {
        for (std::size_t k = 0; k < a.size(); ++k)
            BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(a[k], b[k], 1e-12));
    };
    same(run([&](Params p) { return nn::GRUCell(p, 4, 6, {.gate = s}); }),
         run([](Params p) { return nn::GRUCell(p, 4, 6); }));
    same(run([&](Params p) { return nn::GRUCell(p, 4, 6, {.candidate = t}); }),
         run([](Params p) { return nn::GRUCell(p, 4, 6); }));
    same(run([&](Params p) { return nn::RNNCell(p, 4, 6, {.activation = t}); }),
         run([](Params p) { return nn::RNNCell(p, 4, 6); }));
    same(run([&](Params p) { return nn::LSTMCell(p, 4, 6, {.output = t}); }),
         run([](Params p) { return nn::LSTMCell(p, 4, 6); }));
}

BOOST_AUTO_TEST_CASE(all_cells_pass_the_gradient_check) {
    Params p(3, float64);
    auto fine = [](auto const& cell) { BOOST_TEST(gradcheck(cell)); };
    for (auto v : {nn::GreffVariant::V, nn::GreffVariant::NIG, nn::GreffVariant::NFG, nn::GreffVariant::NOG,
                   nn::GreffVariant::NIAF, nn::GreffVariant::NOAF, nn::GreffVariant::NP, nn::GreffVariant::CIFG})
        fine(nn::LSTMCell(p / fmt::format("greff{}", static_cast<int>(v)), 3, 4, nn::greff(v)));
    fine(nn::FullGateLSTMCell(p / "fgr", 3, 4));
    fine(nn::PeepholeLSTMCell(p / "peephole", 3, 4));
    fine(nn::LayerNormLSTMCell(p / "norm", 3, 4, {.projection = 2}));
    fine(nn::CoupledLSTMCell(p / "coupled", 3, 4));
    fine(nn::MGUCell(p / "mgu", 3, 4));
    fine(nn::IRNNCell(p / "irnn", 3, 4));
    fine(nn::GRUCell(p / "gru before", 3, 4, {.reset = nn::Reset::before}));
    fine(nn::RNNCell(p / "relu", 3, 4, {.activation = nn::relu}));
}

BOOST_AUTO_TEST_CASE(the_variants_of_greff_are_what_their_names_say) {
    auto parameters = [](nn::GreffVariant v) {
        Params p;
        nn::LSTMCell cell(p, 2, 3, nn::greff(v));
        return std::pair(p["weight_hh_l0"].shape()[0] / 3,
                         p.contains("weight_ci_l0") + p.contains("weight_cf_l0") + p.contains("weight_co_l0"));
    };
    using G = nn::GreffVariant;
    BOOST_TEST((parameters(G::V) == std::pair<Index, int>(4, 3)));
    BOOST_TEST((parameters(G::NIG) == std::pair<Index, int>(3, 2)));
    BOOST_TEST((parameters(G::NFG) == std::pair<Index, int>(3, 2)));
    BOOST_TEST((parameters(G::NOG) == std::pair<Index, int>(3, 2)));
    BOOST_TEST((parameters(G::NP) == std::pair<Index, int>(4, 0)));
    BOOST_TEST((parameters(G::CIFG) == std::pair<Index, int>(3, 2)));
    BOOST_TEST((parameters(G::NIAF) == std::pair<Index, int>(4, 3)));
    BOOST_TEST((parameters(G::NOAF) == std::pair<Index, int>(4, 3)));
}

BOOST_AUTO_TEST_CASE(an_irnn_starts_as_the_identity) {
    Params p(3, float64);
    nn::IRNNCell cell(p, 4, 5, 0.5);
    Tape tape(float64);
    Var const h = tape.input(xt::abs(numbers({3, 5}, 2)));
    Var const y = cell(tape.zeros({3, 4}), h);
    BOOST_TEST(golden::near(y.value<double>(), 0.5 * h.value<double>(), 0));
    auto const w = p["W.weight"].value<double>();
    BOOST_TEST((xt::amax(xt::abs(w))() < 0.005 && xt::amax(xt::abs(w))() > 0.0005));
}

BOOST_AUTO_TEST_CASE(full_gate_recurrence_is_its_equations) {
    Params p(3, float64);
    nn::FullGateLSTMCell cell(p, 2, 3);
    using S  = nn::FullGateLSTMCell::State;
    auto run = [&](auto const& step) {
        Tape tape(float64);
        Var x        = tape.input(numbers({4, 2, 2}, 1));
        S const s    = {tape.input(numbers({2, 3}, 2)), tape.input(numbers({2, 3}, 3)), tape.input(numbers({2, 9}, 4))};
        auto const r = scan(step, x, s);
        Gradients g  = backward(sum(stack(r.outputs) * numbers({4, 2, 3}, 5)));
        std::vector<xt::xarray<double>> out{xt::xarray<double>(r.state.gates.template value<double>()), g[x], g[s.h],
                                            g[s.c], g[s.gates]};
        for (Param* q : p.all()) out.push_back(g[*q]);
        return out;
    };
    struct Textbook {
        Params const& p;
        S operator()(Var x, S s) const {
            auto const last = split<3>(s.gates);
            auto v          = [&](Index to, Index from) {
                Var const w = piece(piece(x.tape().lift(p["V.weight"]), to, 3, 0), from, 3, 1);
                return w;
            };
            auto z = [&](Index k, Index to) {
                Var sum = sum_of(p, x, s.h, k, 4);
                Var vi = linear(last[0], v(to, 0)), vf = linear(last[1], v(to, 1)), vo = linear(last[2], v(to, 2));
                Var all = sum + vi + vf + vo;
                return all;
            };
            Var i = sigmoid(z(0, 0) + p["pi"] * s.c), f = sigmoid(z(1, 1) + p["pf"] * s.c);
            Var c = f * s.c + i * tanh(sum_of(p, x, s.h, 2, 4));
            Var o = sigmoid(z(3, 2) + p["po"] * c);
            Var h = o * tanh(c);
            return {h, c, concat({i, f, o}, -1)};
        }
    };
    auto const ours = run(cell), theirs = run(Textbook{p});
    for (std::size_t k = 0; k < ours.size(); ++k)
        BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(ours[k], theirs[k], 1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
