// gradcheck(cell): any cell, from inputs and states that the check makes up.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// Without a member in(), and with parameters that start at zero.
struct Minimal {
    nn::Linear W, U;
    Param& b;

    Minimal(Params p, Index in, Index hidden)
        : W(p / "W", in, hidden, nn::no_bias), U(p / "U", hidden, hidden, nn::no_bias), b(p.zeros("b", {hidden})) {}

    Var operator()(Var x, Var h) const { return relu(W(x) + U(h) + b) + 0.1 * h; }
    Var zeros(Tape& tape, Index batch) const { return tape.constant(xt::zeros<float>({batch, U.in()})); }
};

/// With a state of three parts, and an input that is not multiplied by anything.
struct ThreeParts {
    struct State {
        Var h, fast, slow;
    };
    Param& w;

    explicit ThreeParts(Params p) : w(p.uniform("w", {5}, -1, 1)) {}

    State operator()(Var x, State s) const {
        Var fast = tanh(w * s.fast + x);
        Var slow = 0.9 * s.slow + 0.1 * fast;
        return {fast * slow, fast, slow};
    }
    State zeros(Tape& tape, Index batch) const {
        Var const zero = tape.constant(xt::zeros<float>({batch, Index{5}}));
        return {zero, zero, zero};
    }
};

/// Forgets the gradient to the state, which one step from a state of zeros does not show.
struct Forgetful : Minimal {
    using Minimal::Minimal;
    Var operator()(Var x, Var h) const {
        Var carried = tanh(U(h.detach()));
        return tanh(W(x) + b) + carried;
    }
};

struct Unwilling {
    Var operator()(Var x, Var h) const { return matmul(x, transpose(h)); }
    Var zeros(Tape& tape, Index batch) const { return tape.constant(xt::zeros<float>({batch, Index{300}})); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_of_cells)

BOOST_AUTO_TEST_CASE(the_shipped_cells_are_right) {
    Params p(4);
    BOOST_TEST(gradcheck(nn::LSTMCell(p / "lstm", 3, 4)));
    BOOST_TEST(gradcheck(nn::GRUCell(p / "gru", 3, 4)));
    BOOST_TEST(gradcheck(nn::RNNCell(p / "rnn", 3, 4)));
    BOOST_TEST(gradcheck(nn::LSTMCell(p / "lstm without", 3, 4, {.bias = nn::no_bias})));
    BOOST_TEST(gradcheck(nn::LSTMCell(p / "again", 3, 4)).worst_error() < 1e-8);
}

BOOST_AUTO_TEST_CASE(fifty_steps_of_a_larger_cell_in_the_full_jacobian) {
    Params p(4);
    CellcheckOptions options;
    options.steps      = 50;
    GradReport const r = gradcheck(nn::LSTMCell(p / "lstm", 8, 8), options);
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 50 * 2 * 8 + 2 * 16 + 2 * 32 * 8 + 2 * 32);
    BOOST_TEST(r.worst_error() < 1e-8);
}

BOOST_AUTO_TEST_CASE(inputs_states_and_parameters_are_made_up) {
    Params p(4);
    nn::LSTMCell const lstm(p / "lstm", 3, 4);
    GradReport const r = gradcheck(lstm);
    BOOST_TEST(r.inputs.size() == 3u + 4u);
    std::vector<std::pair<std::string, Shape>> const expected{{"xs", {4, 2, 3}}, {"h0", {2, 4}}, {"c0", {2, 4}}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        BOOST_TEST(r.inputs[i].name == expected[i].first);
        BOOST_TEST((r.inputs[i].shape == expected[i].second), r);
    }
    BOOST_TEST(r.warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_cell_need_not_say_its_sizes) {
    Params p(4);
    GradReport const r = gradcheck(Minimal(p / "cell", 7, 4));
    BOOST_TEST(r);
    BOOST_TEST((r.inputs[0].shape == Shape{4, 2, 7}));
    BOOST_TEST(p["cell.b"].value<float>()(0) == 0);
    GradReport const broadcast = gradcheck(ThreeParts(p / "three"));
    BOOST_TEST(broadcast);
    BOOST_TEST((broadcast.inputs[0].shape == Shape{4, 2, 5}));
    BOOST_TEST(broadcast.inputs[1].name == "h0");
#ifndef __clang__
    BOOST_TEST(broadcast.inputs[2].name == "fast");
#endif
    BOOST_TEST(broadcast.warnings.size() == 1u);  // h is not read again
}

BOOST_AUTO_TEST_CASE(sizes_steps_and_tolerances_can_be_given) {
    Params p(4);
    CellcheckOptions options;
    options.steps = 2, options.batch = 3, options.in = 7;
    GradReport const r = gradcheck(Minimal(p / "cell", 7, 4), options);
    BOOST_TEST((r.inputs[0].shape == Shape{2, 3, 7}));
    options.in = 6;
    BOOST_CHECK_THROW(gradcheck(Minimal(p / "other", 7, 4), options), ShapeError);
}

BOOST_AUTO_TEST_CASE(parameters_that_a_cell_does_not_use_are_warned_of) {
    Params p(4);
    Minimal const cell(p / "cell", 3, 4);
    p.zeros("cell.left over", {2});
    GradReport const r = gradcheck(cell, p);
    BOOST_TEST(r);
    BOOST_REQUIRE(r.warnings.size() == 1u);
    BOOST_TEST(r.warnings[0] == "the result does not depend on cell.left over");
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_between_steps_is_found) {
    Params p(4);
    GradReport const r = gradcheck(Forgetful(p / "cell", 3, 4));
    BOOST_TEST(!r.passed());
    BOOST_TEST(has(text(r), "was detached"));
    BOOST_REQUIRE(!r.culprits.empty());
    BOOST_TEST(std::string(r.culprits[0].site.where.file).ends_with("gradcheck.cpp"));
}

BOOST_AUTO_TEST_CASE(a_cell_that_takes_nothing_says_why) {
    std::string const said = message<ShapeError>([] { gradcheck(Unwilling{}); });
    BOOST_TEST(has(said, "the cell takes no input [2,n] with n up to 256: give CellcheckOptions::in"));
    BOOST_TEST(has(said, "matmul"));
}

/// Two inputs a step, and no zeros().
struct Decaying {
    Param& w;
    Var operator()(Var x, Var dt, Var h) const { return tanh(w * h + x) * exp(-dt); }
};

/// Holds a weight that it forgot to use.
struct Forgot : Minimal {
    nn::Linear V;
    Forgot(Params p, Index in, Index hidden) : Minimal(p, in, hidden), V(p / "V", in, hidden, nn::no_bias) {}
};

BOOST_AUTO_TEST_CASE(states_and_inputs_can_be_given) {
    Params p(9, float64);
    Decaying const cell{p.normal("w", {3}, 0, 1)};
    xt::xarray<double> const xs = 0.3 * xt::ones<double>({5, 2, 3}), dt = 0.2 * xt::ones<double>({5, 2, 1}),
                             h = 0.4 * xt::ones<double>({2, 3});
    GradReport const r         = gradcheck(cell, {.state = {h}, .inputs = {{"xs", xs}, {"dt", dt}}});
    BOOST_TEST(r, text(r));
    BOOST_TEST(r.inputs.size() == 4U);
    BOOST_TEST(r.inputs[1].name == "dt");
    BOOST_TEST(r.inputs[2].name == "h0");
    BOOST_TEST(r.checked() == 30 + 10 + 6 + 3);
    CellcheckOptions const no_state{.inputs = {{"xs", xs}, {"dt", dt}}}, one_input{.state = {h}, .inputs = {xs}};
    BOOST_TEST(has(message<ValueError>([&] { gradcheck(cell, no_state); }), "give the state that it starts from"));
    BOOST_TEST(
        has(message<ShapeError>([&] { gradcheck(cell, {.state = {h}}); }), "takes 2 inputs a step, 0 were given"));
    BOOST_TEST(has(message<ShapeError>([&] { gradcheck(cell, one_input); }), "takes 2 inputs a step, 1 were given"));
    BOOST_TEST(has(message<ShapeError>([&] {
                       gradcheck(cell, {.state = {h, h}, .inputs = {xs, dt}});
                   }),
                   "the state has 1 parts (h), 2 were given"));
    BOOST_TEST(gradcheck(Minimal(p / "m", 3, 3), {.state = {h}, .inputs = {xs}}));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_a_cell_holds_and_no_step_uses_is_said) {
    Params p(9);
    Minimal const other(p / "other", 3, 4);
    GradReport const r = gradcheck(Forgot(p / "cell", 3, 4));
    BOOST_TEST(r.passed());
    BOOST_REQUIRE(r.warnings.size() == 1U);
    BOOST_TEST(r.warnings[0] == "the cell holds cell.V.weight, but no step uses it");
    BOOST_TEST(gradcheck(other).warnings.empty());
}

struct TwiceTooSteep {
    static constexpr auto name = "twice";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return V(2) * (V(1) - y * y); }
};

// In a scan, nodes lie in the memory of others; one that a function insists on is left out, and no one else is blamed.
BOOST_AUTO_TEST_CASE(nodes_in_the_memory_of_others_are_not_blamed) {
    Params p(4);
    nn::Linear const W(p / "W", 3, 4), U(p / "U", 4, 4);
    auto const f = [&](Tape& tape, std::span<Var const> x) -> Var {
        tape.mechanisms = {};
        auto const step = [&](Var in, Var h) -> Var {
            Var z = W(in) + U(h);
            Var y = apply<TwiceTooSteep>(z);
            return y;
        };
        return stack(scan(step, x[0], x[1]).outputs);
    };
    GradReport const r = gradcheck(f, {numbers({5, 2, 3}, 1), numbers({2, 4}, 2)});
    BOOST_REQUIRE(r.culprits.size() == 1u);
    BOOST_TEST(r.culprits[0].site.op == "twice");
    BOOST_TEST(r.culprits[0].nodes == 5);
}

BOOST_AUTO_TEST_SUITE_END()
