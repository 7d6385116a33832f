// Learning step by step: resets, batches, stacks, states of any kind, and what is refused.
#include <cells/clockwork.hpp>
#include <cells/lif.hpp>
#include <cmath>
#include <nn/online/learning.hpp>

using namespace online;

namespace {

template <class E, class F> std::string refusal(F f) {
    try {
        f();
    } catch (E const& e) { return e.what(); }
    return "nothing of the kind was thrown";
}
bool mentions(std::string const& text, char const* words) { return text.find(words) != std::string::npos; }

/// What a cell learns online, against backpropagation, of random sequences.
template <class Learner, class Cell, class... Options>
double error_of(Cell const& cell, Params const& p, Index in, Index batch, Options&... options) {
    auto const c = core::stepped_cell(cell);
    Stream const stream(c, {{in}}, batch, 7);
    Learner learner(cell, p, options..., OnlineOptions{batch});
    return apart(learn(learner, p, stream), through_time(c, p, stream, batch));
}

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

BOOST_AUTO_TEST_CASE(of_any_order_ends) {
    Params params(1, float64);
    nn::RNNCell const cell(params / "c", 2, 3);
    Snap endless(cell, params, std::numeric_limits<Index>::max()), many(cell, params, 9);
    for (Snap* one : {&endless, &many})
        BOOST_TEST(std::isfinite(one->step(xt::xarray<double>{{0.5, -1}}, [](Var h) { return sum(h); }).loss));
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

BOOST_AUTO_TEST_SUITE_END()
