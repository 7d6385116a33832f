// Learning step by step: resets, batches, stacks, states of any kind, guesses, and what is refused.
#include <cells/clockwork.hpp>
#include <cells/lif.hpp>
#include <cmath>
#include <nn/online/learning.hpp>
#include <numeric>
#include <unspool/nn/online/step_sweeps.hpp>

using namespace online;

namespace {

template <class E, class F> std::string refusal(F f) {
    try {
        f();
    } catch (E const& e) { return e.what(); }
    return "nothing of the kind was thrown";
}
bool mentions(std::string const& text, char const* words) { return text.find(words) != std::string::npos; }

/// [1,1]
Numbers one(double x) { return xt::ones<double>({1, 1}) * x; }

/// What a cell learns online, against backpropagation, of random sequences.
template <class Learner, class Cell, class... Options>
double error_of(Cell const& cell, Params const& p, Index in, Index batch, Options&... options) {
    auto const c = core::stepped_cell(cell);
    Stream const stream(c, {{in}}, batch, 7);
    Learner learner(cell, p, options..., OnlineOptions{batch});
    return apart(learn(learner, p, stream), through_time(c, p, stream, batch));
}

/// A recurrent net of three units, for guesses.
struct Small {
    Param &W, &u;

    explicit Small(Params p) : W(p.normal("W", {3, 3}, 0, 0.8)), u(p.normal("u", {3}, 0, 1)) {}
    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(linear(h, W) + u * x); }
};

/// Its state begins as a parameter says, and has parts of several shapes: a scalar, a list in an array, and one that
/// comes from elsewhere.
struct Learnt {
    struct State {
        Var h, scale;
        std::array<Var, 2> past;
    };
    Param &h0, &W, &late;

    explicit Learnt(Params p)
        : h0(p.normal("h0", {3}, 0, 1)), W(p.normal("W", {3, 3}, 0, 0.5)), late(p.normal("late", {3}, 0, 1)) {}
    Index in() const { return 3; }
    State zeros(Tape& tape, Index batch) const {
        Var h = tape.zeros({batch, 3}) + h0;
        return {h, tape.constant(1.0), {tape.zeros({batch, 3}), tape.zeros({batch, 3})}};
    }
    State operator()(Var x, State s, Index t) const {
        Var h = s.scale * tanh(linear(s.h, W) + x + 0.3 * s.past[1]);
        if (t % 2 == 1) h = h + late * s.h;  // which the first step does not know of
        Var scale = 0.5 * s.scale + 0.1 * mean(h);
        return {h, scale, {x, s.past[0]}};
    }
};

/// w reaches b by itself from step 4 on, when c is no longer 0, and by way of a before.
struct Shared {
    struct State {
        Var a, b, c;
    };
    Param& w;

    explicit Shared(Params p) : w(p.constant("w", {1}, 0.7)) {}
    Index in() const { return 1; }
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{1}}); }
    State operator()(Var x, State s, Index t) const {
        Var a = 0.5 * s.a + w * x, b = 0.9 * s.b + s.a + w * s.c, c = s.c + (t >= 3 ? 1 : 0);
        return {a, b, c};
    }
};
Var output_of(Shared::State const& s) { return s.b; }

/// Which of two parameters a unit sees, the input says.
struct Chosen {
    Param &a, &b;

    explicit Chosen(Params p) : a(p.normal("a", {3}, 0, 1)), b(p.normal("b", {3}, 0, 1)) {}
    Index in() const { return 3; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return where(x > 0, a * h, b * h) + x; }
};

/// One parameter is of all units, which see each other, unless gradients do not pass there.
struct OneForAll {
    Param &w, &W, &u;
    bool cut;

    OneForAll(Params p, bool cut_off)
        : w(p.normal("w", {3}, 0, 0.5)), W(p.normal("W", {3, 3}, 0, 0.5)), u(p.normal("u", {1}, 0, 1)), cut(cut_off) {
        Numbers without = W.value<double>();
        for (std::size_t i = 0; i < 3; ++i) without(i, i) = 0;
        W.assign(without);
    }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(w * h + linear(cut ? h.detach() : h, W) + u * x); }
};

/// Sequences of a batch see each other.
struct Mixed : Small {
    using Small::Small;
    Var operator()(Var x, Var h) const {
        Var y = Small::operator()(x, h);
        return y - 0.5 * mean(y, 0, Reduced::keep);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(online_learner)

BOOST_AUTO_TEST_CASE(carries_states_of_any_kind) {
    Params p(2, float64);
    BOOST_TEST(error_of<Rtrl>(Learnt(p / "a"), p, 3, 2) <= 1e-12);
    BOOST_TEST(error_of<Rtrl>(Mixed(p / "b"), p, 1, 3) <= 1e-12);
    ClockworkRNN const clockwork(p / "c", 2, 2, 3);  // whose modules have turns by the number of the step
    BOOST_TEST(error_of<Rtrl>(clockwork, p, 2, 2) <= 1e-12);
    Index three = 3;
    BOOST_TEST(error_of<Snap>(clockwork, p, 2, 1, three) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(knows_what_a_step_reaches_also_where_it_is_0) {
    Params p(2, float64);
    Index one_step = 1;
    BOOST_TEST(error_of<Snap>(Shared(p), p, 1, 1, one_step) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(knows_ways_that_are_chosen_by_values) {
    Params p(2, float64);
    Index one_step = 1;
    BOOST_TEST(error_of<Snap>(Chosen(p), p, 3, 2, one_step) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(is_exact_for_stacks) {
    Params p(2, float64);
    nn::CellStack const two(nn::GRUCell(p / "l0", 2, 4), nn::LSTMCell(p / "l1", 4, 3));
    BOOST_TEST(error_of<Rtrl>(two, p, 2, 2) <= 1e-12);
    nn::CellStack const three(two, Small(p / "l2"));
    BOOST_TEST(core::stepped_cell(three).names.size() == 4u);
    Tape tape(float64);
    Var const x  = tape.constant(Numbers{{0.3, -0.4}});
    auto const s = two(x, two.zeros(tape, 1), 0);
    BOOST_TEST(output_of(s).window().node == s.upper.h.window().node);
}

// Backpropagation through a cell that does not pass gradients on by its output.
template <class Cell> struct CutAtOutput {
    Cell cell;

    auto zeros(Tape& tape, Index batch) const { return cell.zeros(tape, batch); }
    auto operator()(Var x, typename Cell::State s) const {
        s.h = s.h.detach();
        return cell(x, s);
    }
};

BOOST_AUTO_TEST_CASE(has_eligibility_traces_of_what_each_unit_has_of_itself) {
    Params p(2, float64);
    auto const check = [&](auto const& cell) {
        auto const c = core::stepped_cell(cell);
        Stream const stream(c, {{2}}, 2, 7);
        EProp learner(cell, p, {2});
        CutAtOutput<std::remove_cvref_t<decltype(cell)>> const cut{cell};
        return apart(learn(learner, p, stream), through_time(core::stepped_cell(cut), p, stream, 2));
    };
    BOOST_TEST(check(nn::LSTMCell(p / "lstm", 2, 4)) <= 1e-12);
    BOOST_TEST(check(LIF(p / "lif", 2, 4)) <= 1e-12);
    BOOST_TEST(error_of<EProp>(Small(p / "dense"), p, 1, 1) > 1e-3);

    Params one(3, float64), other(3, float64);
    OneForAll const whole(one, false), cut(other, true);
    auto const c = core::stepped_cell(whole);
    Stream const stream(c, {{1}}, 2, 7);
    EProp learner(whole, one, {2});
    BOOST_TEST(apart(learn(learner, one, stream), through_time(core::stepped_cell(cut), other, stream, 2)) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(begins_again_for_all_or_for_one_sequence) {
    Params p(2, float64);
    Learnt const cell(p / "learnt");
    nn::LSTMCell const lstm(p / "lstm", 2, 3);
    auto const c = core::stepped_cell(lstm);
    Stream const stream(c, {{2}}, 2, 6);
    Rtrl learner(lstm, p, {2});
    learn(learner, p, stream);
    BOOST_TEST(learner.steps() == 6);
    learner.reset();
    BOOST_TEST(learner.steps() == 0);
    BOOST_TEST(apart(learn(learner, p, stream), through_time(c, p, stream, 2)) <= 1e-12);

    // Sequence 1 begins again before step 3: so it is as in two batches.
    learner.reset();
    Tape tape(float64);
    std::vector<Var> state = c.start(tape, 2);
    Numbers stays          = xt::zeros<double>({2, 1});
    stays(0, 0)            = 1;
    List last;
    for (std::size_t t = 0; t < 6; ++t) {
        if (t == 3) {
            learner.reset(1);
            for (Var& part : state) part = part * tape.constant(stays);
        }
        last  = learner.step(stream.xs[t], [&](Var h) { return cost(h, stream.ys[t]); }).gradients.flatten(p);
        state = c.step(std::array{tape.constant(stream.xs[t][0])}, state, 0);
    }
    List const expected = backward(cost(c.output(state), stream.ys[5])).flatten(p);
    BOOST_TEST(apart(last, expected) <= 1e-12);
    BOOST_CHECK_THROW(learner.reset(2), IndexError);
    BOOST_CHECK_THROW(learner.reset(-1), IndexError);
    Rtrl other(cell, p, {2});
    BOOST_TEST(mentions(refusal<ShapeError>([&] { other.reset(0); }), "not of one sequence each"));
}

BOOST_AUTO_TEST_CASE(has_losses_with_parameters_of_their_own_and_steps_without) {
    Params p(2, float64);
    nn::GRUCell const gru(p / "gru", 2, 3);
    nn::Linear const out(p / "out", 3, 2);
    Random random(1);
    Numbers const xs = drawn({5, 1, 2}, random), y = drawn({1, 2}, random);
    Rtrl learner(gru, p);
    for (std::size_t t = 0; t < 4; ++t) learner.step(Numbers(xt::view(xs, t)));
    auto const [loss, g] = learner.step(Numbers(xt::view(xs, 4)), [&](Var h) { return mse(out(h), y); });
    Tape tape(float64);
    auto const run = scan(gru, tape.constant(xs), gru.zeros(tape, 1));
    Var expected   = mse(out(run.outputs.back()), y);
    BOOST_TEST(std::abs(loss - expected.item()) < 1e-14);
    BOOST_TEST(apart(g.flatten(p), backward(expected).flatten(p)) <= 1e-12);
    BOOST_TEST(xt::allclose(learner.output(), run.outputs.back().value<double>()));
    BOOST_TEST(xt::allclose(learner.state("h"), run.outputs.back().value<double>()));
    BOOST_CHECK_THROW(learner.state("c"), NameError);
}

BOOST_AUTO_TEST_CASE(is_as_it_was_where_a_step_fails) {
    Params p(2, float64);
    Small const cell(p);
    Random random(5), same(5);
    Uoro uoro(cell, p, random), other(cell, p, same);
    Rtrl rtrl(cell, p), untouched(cell, p);
    Numbers const x  = one(0.7), y{{1, 0, -1}};
    auto const loss  = [&](Var h) { return cost(h, y); };
    auto const fails = [&](Var) -> Var { throw ValueError("no loss"); };
    for (int t = 0; t < 4; ++t) {
        BOOST_CHECK_THROW(rtrl.step(x, fails), ValueError);
        BOOST_CHECK_THROW(uoro.step(x, fails), ValueError);
        BOOST_CHECK_THROW(rtrl.step(Numbers{{1, 2}, {1, 2}}, loss), ShapeError);
        BOOST_CHECK_THROW(rtrl.step(std::vector{x, x}, loss), ShapeError);
        BOOST_CHECK_THROW(rtrl.step(x, [](Var h) { return Var(2 * h); }), ShapeError);
        auto const a = rtrl.step(x, loss), b = untouched.step(x, loss), c = uoro.step(x, loss), d = other.step(x, loss);
        BOOST_TEST(a.gradients.flatten(p) == b.gradients.flatten(p), boost::test_tools::per_element());
        BOOST_TEST(c.gradients.flatten(p) == d.gradients.flatten(p), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(is_refused_with_the_reason) {
    Params p(2, float64);
    Small const cell(p);
    BOOST_TEST(mentions(refusal<ValueError>([&] { Snap(cell, p, 0); }), "learner.cpp:"));
    BOOST_CHECK_THROW(Rtrl(cell, p, {0}), ValueError);
    struct Counting {
        struct State {
            Var h;
            int steps = 0;
        };
        State zeros(Tape& tape, Index batch) const { return {tape.zeros({batch, 1})}; }
        State operator()(Var x, State s) const { return {s.h + x, s.steps + 1}; }
    };
    BOOST_TEST(mentions(refusal<TypeError>([&] { Rtrl(Counting(), p); }), "members that are no Vars"));
    struct Growing {
        Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
        Var operator()(Var x, Var h) const { return concat({h, x}, -1); }
    };
    Growing const growing;
    Rtrl grows(growing, p);
    BOOST_TEST(mentions(refusal<ShapeError>([&] { grows.step(one(1)); }), "changes the shape of the state"));
}

BOOST_AUTO_TEST_CASE(computes_in_double_what_is_stored_in_float) {
    Params single(2), precise(2, float64);
    nn::GRUCell const cell(single, 2, 3), same(precise, 2, 3);
    for (Param* p : precise.all()) p->assign(single[p->path()].value<float>());
    Rtrl learner(cell, single, {.dtype = float64}), other(same, precise);
    Random random(3);
    for (int t = 0; t < 4; ++t) {
        Numbers const x = drawn({1, 2}, random), y = drawn({1, 3}, random);
        auto const loss = [&](Var h) { return cost(h, y); };
        List const a    = learner.step(x, loss).gradients.flatten(single),
                   b    = other.step(x, loss).gradients.flatten(precise);
        BOOST_TEST(apart(a, b) <= 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(learns_on_while_an_optimiser_changes_what_it_has) {
    Params p(2);
    nn::GRUCell const gru(p / "gru", 1, 8);
    nn::Linear const out(p / "out", 8, 1);
    Adam adam(p, {.rate = 1e-2});
    Rtrl learner(gru, p);
    double first = 0, last = 0;
    for (int t = 0; t < 600; ++t) {  // which of two numbers comes next, of a cycle of three
        Numbers const x = one(t % 3 == 0 ? 1 : -1), y = one(t % 3 == 2 ? 1 : -1);
        auto const step = learner.step(x, [&](Var h) { return mse(out(h), y); });
        adam.step(step.gradients);
        (t < 60 ? first : t >= 540 ? last : first) += t < 60 || t >= 540 ? step.loss / 60 : 0;
    }
    BOOST_TEST(first > 0.3);
    BOOST_TEST(last < 0.02);
}

BOOST_AUTO_TEST_CASE(forgets_what_it_guessed_where_it_begins_again) {
    Params p(2, float64);
    Small const cell(p);
    Random random(5), same(6);
    Uoro used(cell, p, random), fresh(cell, p, same);
    for (int t = 0; t < 5; ++t) used.step(one(t));
    used.reset();
    random = same;
    for (int t = 0; t < 3; ++t) {
        auto const loss = [](Var h) { return sum(square(h)); };
        List const a    = used.step(one(0.4), loss).gradients.flatten(p),
                   b    = fresh.step(one(0.4), loss).gradients.flatten(p);
        BOOST_TEST(a == b, boost::test_tools::per_element());
    }
}

// Of a state of two parts of different sizes: by the rows of the Jacobian.
BOOST_AUTO_TEST_CASE(sees_directions_through_all_parts_of_a_state) {
    Params const p(2, float64);
    Random random(3);
    Tape tape(float64);
    std::vector<Var> const before{tape.input(drawn({1, 2}, random)), tape.input(drawn({1, 3}, random))};
    Var a = before[0] * sum(before[1]), b = tanh(before[1] * sum(before[0]));
    core::StepSweeps const sweeps(before, {a, b}, p);
    List const v{0.3, -1, 2, 0.7, -0.4};
    List const got = sweeps.along(v);
    List expected;
    for (std::size_t i = 0; i < 5; ++i) {
        List const row = sweeps.row(i).state;
        expected.push_back(std::inner_product(row.begin(), row.end(), v.begin(), 0.0));
    }
    BOOST_TEST(apart(got, expected) <= 1e-14);
}

// Over 20,000 runs.
BOOST_AUTO_TEST_CASE(guesses_without_a_bias) {
    Params p(2, float64);
    Small const cell(p);
    auto const c = core::stepped_cell(cell);
    Stream const stream(c, {{1}}, 1, 4);
    List const exact = through_time(c, p, stream, 1).last;
    Random random(11);
    Uoro learner(cell, p, random);
    constexpr int runs = 20000;
    List sum(exact.size(), 0.0), squares = sum;
    for (int run = 0; run < runs; ++run) {
        learner.reset();
        for (std::size_t t = 0; t < 3; ++t) learner.step(stream.xs[t]);
        auto const g = learner.step(stream.xs[3], [&](Var h) { return cost(h, stream.ys[3]); }).gradients.flatten(p);
        for (std::size_t k = 0; k < g.size(); ++k) sum[k] += g[k] / runs, squares[k] += g[k] * g[k] / runs;
    }
    for (std::size_t k = 0; k < exact.size(); ++k) {
        double const error = std::sqrt((squares[k] - sum[k] * sum[k]) / runs);
        BOOST_TEST(std::abs(sum[k] - exact[k]) < 4 * error, k << ": " << sum[k] << " ± " << error << ", " << exact[k]);
        BOOST_TEST(error < 0.1 * std::abs(exact[k]) + 0.05);
    }
}

BOOST_AUTO_TEST_SUITE_END()
