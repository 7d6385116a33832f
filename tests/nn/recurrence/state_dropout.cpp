// Dropout of a state acts where the state meets a weight, whatever the cell; and a long memory stays finite under all noise.
#include <functional>
#include <nn/cells.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

using Arrays = std::vector<xt::xarray<double>>;

constexpr Index inputs = 4, hidden = 6, batch = 3;

/// What a scan drops in a state of so many units.
xt::xarray<double> mask(Index units, std::uint64_t seed = 4) {
    Tape tape(float64);
    Random random(seed);
    Var const m = dropout(tape.filled({batch, units}, Where::here(), [](auto v) { std::fill(v.begin(), v.end(), 1); }),
                          0.5, random);
    return m.value<double>();
}

/// Outputs and gradients of a cell whose state is one Var.
template <class Step>
Arrays run(Params const& params, Step const& step, StateNoise const& noise = {}, bool pause = false) {
    Tape tape(float64);
    Var const xs = tape.input(numbers({5, batch, inputs}, 1)), h0 = tape.input(numbers({2, batch, hidden}, 2));
    Arrays out;
    auto const scanned = [&] { return stack(scan<Step const&, Var>(step, xs, h0[1], {.noise = noise}).outputs); };
    if (pause) {
        Pause const paused(tape);
        return {scanned().template value<double>()};
    }
    Var const hs      = scanned();
    Gradients const g = backward(sum(hs * numbers({5, batch, hidden}, 3)));
    out               = {hs.template value<double>(), g[xs], g[h0]};
    for (Param* p : params.all()) out.push_back(g[*p]);
    return out;
}

/// The scan of `cell` with dropout is that of `textbook(x, h, m)` without, which has the mask m where it should be.
template <class Cell, class Textbook> void compare(Params const& params, Cell const& cell, Textbook textbook) {
    Random random(4), again(4);
    auto const m        = mask(hidden);
    auto const expected = run(params, [&](Var x, Var h) -> Var { return textbook(x, h, x.tape().constant(m)); });
    auto const ours     = run(params, cell, {.dropout = 0.5, .random = &random});
    BOOST_REQUIRE(ours.size() == expected.size());
    for (std::size_t k = 0; k < ours.size(); ++k) BOOST_TEST(golden::near(ours[k], expected[k], 1e-12), "array " << k);
    auto const unrecorded = run(params, cell, {.dropout = 0.5, .random = &again}, true);
    BOOST_TEST(golden::near(unrecorded[0], expected[0], 1e-12));
}

struct Fixture {
    Params params{5, float64};
    nn::Linear W{params / "W", inputs, hidden}, U{params / "U", hidden, hidden, nn::no_bias};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(state_dropout, Fixture)

BOOST_AUTO_TEST_CASE(of_a_gru_acts_in_its_products) {
    for (nn::Reset const reset : {nn::Reset::after, nn::Reset::before}) {
        Params p(5, float64);
        nn::GRUCell const gru(p, inputs, hidden, {.reset = reset});
        auto const textbook = [&](Var x, Var h, Var m) -> Var {
            Var const mh = m * h;
            auto gates   = [&](Index k, Var const& state) { return GateSums(p, x, state, k, 3); };
            auto rs = gates(0, mh), zs = gates(1, mh);
            Var const r = sigmoid(rs.x + rs.h), z = sigmoid(zs.x + zs.h);
            auto ns     = gates(2, reset == nn::Reset::after ? mh : Var(m * r * h));
            Var const n = reset == nn::Reset::after ? Var(tanh(ns.x + r * ns.h)) : Var(tanh(ns.x + ns.h));
            return (1 - z) * n + z * h;
        };
        compare(p, gru, textbook);
    }
}

BOOST_AUTO_TEST_CASE(of_a_minimal_gated_unit_acts_in_its_products) {
    Params p(5, float64);
    nn::MGUCell const mgu(p, inputs, hidden);
    compare(p, mgu, [&](Var x, Var h, Var m) -> Var {
        Var const f = sigmoid(mgu.Wf(x) + mgu.Uf(m * h));
        Var const n = tanh(mgu.Wn(x) + mgu.Un(m * (f * h)));
        return (1 - f) * h + f * n;
    });
}

BOOST_AUTO_TEST_CASE(of_plain_cells_is_of_all_their_state) {
    Params p(5, float64), q(6, float64);
    nn::RNNCell const rnn(p, inputs, hidden);
    nn::IRNNCell const irnn(q, inputs, hidden);
    compare(p, rnn, [&](Var x, Var h, Var m) -> Var { return rnn(x, m * h); });
    compare(q, irnn, [&](Var x, Var h, Var m) -> Var { return irnn(x, m * h); });
}

// However a cell of one's own says it.
BOOST_AUTO_TEST_CASE(finds_the_state_in_views_joins_and_matrices) {
    Param& A = params.uniform("A", {hidden, hidden}, -1, 1);
    nn::Linear const joint(params / "joint", inputs + hidden, hidden), half(params / "half", hidden / 2, hidden),
        twice(params / "twice", 2 * hidden, hidden);
    auto const carried = [](Var h, Var n) -> Var { return 0.5 * h + 0.5 * tanh(n); };

    compare(
        params,
        [&](Var x, Var h) {
            return carried(h, joint(concat({x, h}, -1)));
        },
        [&](Var x, Var h, Var m) {
            return carried(h, joint(concat({x, m * h}, -1)));
        });
    compare(
        params, [&](Var x, Var h) { return carried(h, W(x) + half(slice(h, 1, 2, 5))); },
        [&](Var x, Var h, Var m) { return carried(h, W(x) + half(slice(m * h, 1, 2, 5))); });
    compare(
        params, [&](Var x, Var h) { return carried(h, W(x) + half(slice(h, 1, 2, 5)) + U(flip(h, 1))); },
        [&](Var x, Var h, Var m) { return carried(h, W(x) + half(slice(m * h, 1, 2, 5)) + U(flip(Var(m * h), 1))); });
    compare(
        params, [&](Var x, Var h) { return carried(h, W(x) + Var(matmul(h, A))); },
        [&](Var x, Var h, Var m) { return carried(h, W(x) + Var(matmul(m * h, A))); });
    compare(
        params, [&](Var x, Var h) { return carried(h, W(x) + transpose(matmul(x.tape().lift(A), transpose(h)))); },
        [&](Var x, Var h, Var m) {
            return carried(h, W(x) + transpose(matmul(x.tape().lift(A), transpose(Var(m * h)))));
        });
    compare(
        params, [&](Var x, Var h) { return carried(h, W(x) + U(layer_norm(h))); },
        [&](Var x, Var h, Var m) { return carried(h, W(x) + U(m * layer_norm(h))); });
    compare(
        params,
        [&](Var x, Var h) {
            return carried(h, W(x) + twice(reshape(stack({h.detach(), h}, 1), {batch, 2 * hidden})));
        },
        [&](Var x, Var h, Var m) {
            return carried(h, W(x) + twice(reshape(stack({Var(m * h).detach(), Var(m * h)}, 1), {batch, 2 * hidden})));
        });
    compare(
        params,
        [&](Var x, Var h) {
            Var const a = tanh(W(x) + U(h));
            return carried(h, U(a));
        },  // a product's result is no state
        [&](Var x, Var h, Var m) {
            Var const a = tanh(W(x) + U(m * h));
            return carried(h, U(a));
        });
}

BOOST_AUTO_TEST_CASE(can_be_said_and_is_refused_where_it_would_do_nothing) {
    Param& u           = params.uniform("u", {hidden}, -1, 1);
    auto const silent  = [&](Var x, Var h) -> Var { return tanh(W(x) + u * h); };
    auto const says_so = [&](Var x, Var h) -> Var { return tanh(W(x) + u * dropped(h)); };
    compare(params, says_so, [&](Var x, Var h, Var m) -> Var { return tanh(W(x) + u * (m * h)); });
    Random random(1);
    BOOST_TEST(
        has(message<ValueError>([&] { run(params, silent, {.dropout = 0.5, .random = &random}); }), "u * dropped(h)"));
    run(params, silent, {.dropout = 0.5});  // evaluation
}

BOOST_AUTO_TEST_CASE(of_scans_within_scans_is_each_its_own) {
    Random outer(4), inner(9);
    auto const n    = mask(hidden, 9);
    auto const deep = [&](StateNoise const& noise, auto drop) {
        return [&, noise, drop](Var x, Var h) -> Var {
            Var const a = W(x) + U(h);
            auto micro  = [&](Var y, Var s) -> Var { return 0.5 * s + 0.5 * tanh(y + U(drop(s))); };
            return 0.5 * h + 0.5 * scan<decltype(micro)&, Var>(micro, stack({a, a}), a, {.noise = noise}).state;
        };
    };
    auto const ours = run(params, deep({.dropout = 0.5, .random = &inner}, [](Var s) { return s; }));
    Random again(9);
    std::vector<xt::xarray<double>> masks;  // one a step of the outer scan
    for (int t = 0; t < 5; ++t) {
        Tape tape(float64);
        Var const ones = tape.filled({batch, hidden}, Where::here(), [](auto v) { std::fill(v.begin(), v.end(), 1); });
        Var const m    = dropout(ones, 0.5, again);
        masks.push_back(m.value<double>());
    }
    int t               = 0;
    auto const expected = run(params, [&](Var x, Var h) {
        auto const& m = masks[static_cast<std::size_t>(t++)];
        return deep({}, [&](Var s) { return Var(s * m); })(x, h);
    });
    for (std::size_t k = 0; k < ours.size(); ++k) BOOST_TEST(golden::near(ours[k], expected[k], 1e-12), "array " << k);
}

// ---- long memories --------------------------------------------------------------------------------------------------

namespace {

constexpr Index steps = 2000;

/// Gates so that units keep what they hold.
void hold(Params const& p, std::string const& bias, Index first, Index end, float value) {
    if (!p.contains(bias)) return;
    auto b = p[bias].mutable_value<float>();
    for (Index i = first; i < end; ++i) b(static_cast<std::size_t>(i)) = value;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_unit_that_keeps_its_value_does_not_grow) {
    auto const last = [](auto const& cell) {
        Tape tape;
        Random random(3);
        Var const h  = tape.constant(xt::ones<float>({2, 5}));
        auto const r = scan(
            cell, tape.constant(xt::zeros<float>({static_cast<std::size_t>(steps), std::size_t{2}, std::size_t{2}})), h,
            {.noise = {.dropout = 0.2, .random = &random}});
        return xt::amax(xt::abs(r.state.template value<float>()))();
    };
    Params p(1), q(2);
    nn::GRUCell const gru(p, 2, 5);
    nn::MGUCell const mgu(q, 2, 5);
    hold(p, "bias_ih_l0", 5, 10, 8);
    hold(q, "Wf.bias", 0, 5, -8);
    BOOST_TEST(last(gru) < 1.001f);
    BOOST_TEST(last(mgu) < 1.001f);
}

namespace {

struct Noise {
    char const* name;
    StateNoise state;
    double input = 0, output = 0;
};
Noise const noises[] = {{"dropout", {.dropout = 0.3}},
                        {"zoneout", {.zoneout = 0.2, .zoneout_memory = 0.2}},
                        {"all", {.dropout = 0.2, .zoneout = 0.1, .zoneout_memory = 0.1, .one_mask = true}, 0.1, 0.2}};

/// Learns to tell a slow wave's next value from two slower ones, with noise; the loss without noise, before and after.
template <class Net> void check_that_it_learns(Params const& params, Net const& net, Index out, Noise const& noise) {
    nn::Linear const last(params / "last", out, 1);
    xt::xarray<float> xs = xt::zeros<float>({static_cast<std::size_t>(steps), std::size_t{2}, std::size_t{2}}),
                      ys = xt::view(xs, xt::all(), xt::all(), xt::range(0, 1));
    for (std::size_t t = 0; t < xs.shape(0); ++t)
        for (std::size_t b = 0; b < 2; ++b) {
            float const w = static_cast<float>(t) * 0.01f + static_cast<float>(b);
            xs(t, b, 0) = std::sin(w), xs(t, b, 1) = std::cos(0.3f * w), ys(t, b, 0) = 1 + std::sin(w + 0.5f);
        }
    Tape tape;
    Random random(7);
    Adam adam(params, {.rate = 0.02});
    auto const loss = [&](Random* r) {
        tape.rewind();
        StateNoise state = noise.state;
        state.random     = r;
        Var x            = tape.constant(xs);
        if (r && noise.input > 0) x = variational_dropout(x, noise.input, *r);
        Var hs = net(x, state);
        if (r && noise.output > 0) hs = variational_dropout(hs, noise.output, *r);
        return mse(last(hs), ys);
    };
    double const before = loss(nullptr).item();
    for (int k = 0; k < 4; ++k) {
        Gradients g = backward(loss(&random));
        BOOST_REQUIRE(std::isfinite(clip_grad_norm(g, 1)));
        adam.step(g);
    }
    double const after = loss(nullptr).item();
    BOOST_TEST((std::isfinite(after) && after < before), before << " became " << after);
}

template <class Cell> void check_that_a_cell_learns(char const* name, Index units, auto const&... options) {
    for (Noise const& noise : noises) BOOST_TEST_CONTEXT(name << " with " << noise.name) {
            Params params(3);
            nn::Layer<Cell> const layer(params / "cell", 2, units, options...);
            hold(params, "cell.Wf.bias", 0, units, -3);
            if (std::string(name).starts_with("nn::GRUCell")) hold(params, "cell.bias_ih_l0", units, 2 * units, 3);
            check_that_it_learns(
                params, [&](Var xs, StateNoise const& n) { return layer(xs, {.noise = n}).outputs; }, units, noise);
        }
}

}  // namespace

BOOST_AUTO_TEST_CASE(cells_learn_long_sequences_under_all_noise) {
    check_that_a_cell_learns<nn::RNNCell>("nn::RNNCell", 5);
    check_that_a_cell_learns<nn::GRUCell>("nn::GRUCell", 5);
    check_that_a_cell_learns<nn::GRUCell>("nn::GRUCell, reset before", 5,
                                          nn::GRUCellOptions{.reset = nn::Reset::before});
    check_that_a_cell_learns<nn::LSTMCell>("nn::LSTMCell", 5);
    check_that_a_cell_learns<nn::PeepholeLSTMCell>("PeepholeLstm", 5);
    check_that_a_cell_learns<nn::LayerNormLSTMCell>("LayerNormLstm",
                                                    24);  // of a few units it has gradients of 10²⁷ without any noise
    check_that_a_cell_learns<nn::CoupledLSTMCell>("CoupledLstm", 5);
    check_that_a_cell_learns<nn::FullGateLSTMCell>("FullGateLstm", 5);
    check_that_a_cell_learns<nn::IRNNCell>("Irnn", 5, 0.6);  // 0.9 / (1 - 0.3) would grow at every step
    check_that_a_cell_learns<nn::MGUCell>("Mgu", 5);
}

BOOST_AUTO_TEST_CASE(layers_learn_long_sequences_under_all_noise) {
    auto const check = [](char const* name, auto const& make, Index out) {
        for (Noise const& noise : noises) BOOST_TEST_CONTEXT(name << " with " << noise.name) {
                Params all(3);
                auto const net = make(all / "net");
                check_that_it_learns(
                    all, [&](Var xs, StateNoise const& n) { return net(xs, {.random = n.random, .noise = n}).outputs; },
                    out, noise);
            }
    };
    nn::StackedOptions const two{.layers = 2, .bidirectional = true, .dropout = 0.2};
    check(
        "GRU", [&](Params p) { return nn::Stacked<nn::GRUCell>(p, 2, 4, two); }, 8);
    check(
        "LSTM with projection", [&](Params p) { return nn::Stacked<nn::LSTMCell>(p, 2, 4, two, {.projection = 3}); },
        6);
    check(
        "Mgu", [&](Params p) { return nn::Stacked<nn::MGUCell>(p, 2, 4, two); }, 8);
}

BOOST_AUTO_TEST_SUITE_END()
