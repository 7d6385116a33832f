// The loop over time, with a cell that the library does not ship.
#include <cmath>
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

// Minimal gated unit (Zhou et al., 2016):  f = σ(W_f x + U_f h)   n = tanh(W_n x + U_n (f ⊙ h))   h' = (1 − f) ⊙ h + f ⊙ n
struct Mgu {
    nn::Linear Wf, Uf, Wn, Un;

    Mgu(Params p, Index in, Index hidden)
        : Wf(p / "Wf", in, hidden)
        , Uf(p / "Uf", hidden, hidden, nn::no_bias)
        , Wn(p / "Wn", in, hidden)
        , Un(p / "Un", hidden, hidden, nn::no_bias) {}

    Var operator()(Var x, Var h) const {
        Var f = sigmoid(Wf(x) + Uf(h));
        Var n = tanh(Wn(x) + Un(f * h));
        return (1 - f) * h + f * n;
    }
};

struct Fixture {
    Params params{2, float64};
    Mgu mgu{params / "mgu", 4, 6};
    Tape tape{float64};
    Var xs = tape.input(numbers({5, 3, 4}, 1), "xs"), h0 = tape.input(numbers({3, 6}, 2), "h0");

    /// Of a loss that weights every output differently: by the inputs, the state, and the parameters.
    std::vector<xt::xarray<double>> gradients(std::span<Var const> hs) {
        Gradients g = backward(sum(stack(hs) * numbers({5, 3, 6}, 3)));
        std::vector<xt::xarray<double>> out{g[xs], g[h0]};
        for (Param* p : params.all()) out.push_back(g[*p]);
        return out;
    }
};

void check_near(std::vector<xt::xarray<double>> const& a, std::vector<xt::xarray<double>> const& b) {
    BOOST_REQUIRE(a.size() == b.size());
    for (std::size_t k = 0; k < a.size(); ++k)
        BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(a[k], b[k], 1e-13));
}

// A state of another form says itself what its output is.
struct Counted {
    Var sum;
    Index steps;
};
Var output_of(Counted const& s) { return s.sum; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scanning, Fixture)

BOOST_AUTO_TEST_CASE(is_the_loop_over_time) {
    auto const r = scan(mgu, xs, h0);
    std::vector<Var> by_hand;
    Var h = h0;
    for (Index t = 0; t < 5; ++t) by_hand.push_back(h = mgu(xs[t], h));

    BOOST_TEST(r.outputs.size() == 5u);
    for (std::size_t t = 0; t < 5; ++t)
        BOOST_TEST(golden::near(r.outputs[t].value<double>(), by_hand[t].value<double>(), 1e-14));
    BOOST_TEST(golden::near(r.state.value<double>(), h.value<double>(), 1e-14));
    check_near(gradients(r.outputs), gradients(by_hand));
}

BOOST_AUTO_TEST_CASE(is_the_same_over_a_list_of_steps) {
    std::vector<Var> list;
    for (Index t = 0; t < 5; ++t) list.push_back(xs[t]);
    check_near(gradients(scan(mgu, list, h0).outputs), gradients(scan(mgu, xs, h0).outputs));
}

BOOST_AUTO_TEST_CASE(is_the_same_where_nothing_is_hoisted) {
    auto const hoisted    = gradients(scan(mgu, xs, h0).outputs);
    tape.mechanisms.hoist = false;
    check_near(gradients(scan(mgu, xs, h0).outputs), hoisted);
}

BOOST_AUTO_TEST_CASE(stacks_layers) {
    Params p(4, float64);
    nn::GRUCell upper(p, 6, 2);
    auto ys = scan(upper, scan(mgu, xs, h0).outputs, upper.zeros(tape, 3)).outputs;
    Var h = h0, y = upper.zeros(tape, 3);
    for (Index t = 0; t < 5; ++t) h = mgu(xs[t], h), y = upper(h, y);
    BOOST_TEST(golden::near(ys.back().value<double>(), y.value<double>(), 1e-14));
}

BOOST_AUTO_TEST_CASE(takes_any_callable) {
    Var w     = tape.input(0.5);
    auto term = scan([&](Var x, Var s) { return w * s + sum(x, -1); }, xs, Var(tape.constant(0.25)));
    Var s     = tape.constant(0.25);
    for (Index t = 0; t < 5; ++t) s = w * s + sum(xs[t], -1);
    BOOST_TEST(golden::near(term.state.value<double>(), s.value<double>(), 0));

    auto counted = scan([](Var x, Counted c) { return Counted{c.sum + x, c.steps + 1}; }, xs, Counted{xs[0] * 0, 0});
    BOOST_TEST(counted.state.steps == 5);
    BOOST_TEST(golden::near(counted.outputs[4].value<double>(), sum(xs, 0).value<double>(), 1e-14));
}

BOOST_AUTO_TEST_CASE(gives_the_member_h_of_a_state) {
    Params p(4, float64);
    nn::LSTMCell cell(p, 4, 6);
    auto [hs, last] = scan(cell, xs, {h0, h0});
    BOOST_TEST(golden::near(hs[4].value<double>(), last.h.value<double>(), 0));
    BOOST_TEST(!static_cast<bool>(golden::near(last.h.value<double>(), last.c.value<double>(), 1e-3)));
}

BOOST_AUTO_TEST_CASE(stamps_the_step_and_the_module) {
    auto const r            = scan(mgu, xs, h0, "encoder");
    NodeId const last       = r.state.window().node;
    ScopeRecord const* step = tape[last].scope;
    BOOST_REQUIRE(step);
    BOOST_TEST(step->step == 4);
    BOOST_REQUIRE(step->parent);
    BOOST_TEST(step->parent->name == "encoder");
    BOOST_TEST(!step->parent->parent);
    for (std::size_t t = 0; t < 5; ++t)
        BOOST_TEST(tape[r.outputs[t].window().node].scope->step == static_cast<Index>(t));
    BOOST_TEST(!tape[Var(h0 + 1).window().node].scope);
    BOOST_TEST(!tape[scan(mgu, xs, h0).state.window().node].scope->parent);
}

BOOST_AUTO_TEST_CASE(of_no_steps_is_the_initial_state) {
    auto const none = scan(mgu, slice(xs, 0, 2, 2), h0);
    BOOST_TEST(none.outputs.empty());
    BOOST_TEST(golden::near(none.state.value<double>(), h0.value<double>(), 0));
    BOOST_TEST(scan(mgu, std::span<Var const>{}, h0).outputs.empty());
}

BOOST_AUTO_TEST_CASE(leaves_the_tape_as_it_was_when_a_step_throws) {
    NodeId const size = tape.size();
    auto fail         = [&](Var x, Var h) -> Var {
        Var next = mgu(x, h);
        if (tape.size() > size + 20) throw ValueError("enough");
        return next;
    };
    BOOST_CHECK_THROW(scan(fail, xs, h0, "encoder"), ValueError);
    BOOST_TEST(tape.size() == size);
    BOOST_TEST(!tape[Var(h0 + 1).window().node].scope);
}

BOOST_AUTO_TEST_CASE(says_what_it_wants) {
    Var const scalar = tape.input(1.0, "x");
    auto m           = message<ShapeError>([&] { scan(mgu, scalar, h0); });
    BOOST_TEST(has(m, "scan.cpp:"));
    BOOST_TEST(has(m, "scan wants a sequence with time as its first axis, x is a scalar"));
    BOOST_CHECK_THROW(scan(mgu, Var(), h0), TapeError);

    Params p;
    nn::LSTMCell cell(p, 4, 6);
    int const line = __LINE__ + 1;
    auto fail      = [&] { scan(cell, xs, {h0, xs[0]}); };
    m              = message<ShapeError>(fail);
    BOOST_TEST(has(m, "scan.cpp:" + std::to_string(line) + ": lstm: the input and the state do not fit"));
    BOOST_TEST(has(m, "xs[0]"));
}

BOOST_AUTO_TEST_CASE(wants_a_state_of_as_many_sequences) {
    Params p(1, float64);
    nn::LSTMCell const cell(p, 4, 6);
    auto const own  = [](Var x, Var h) -> Var { return tanh(sum(x, -1, Reduced::keep) + h); };
    Var const three = tape.zeros({5, 3, 4}).named("xs"), one = tape.zeros({5, 1, 4}).named("xs");
    Var const four = tape.zeros({4, 6}).named("h0"), first = tape.zeros({1, 6});
    BOOST_TEST(has(message<ShapeError>([&] {
                       scan(cell, three, {four, four});
                   }),
                   "the batch is 4 in h0, the state, but 3 in xs[0]"));
    BOOST_TEST(has(message<ShapeError>([&] {
                       cell(three[0], {four, four});
                   }),
                   "lstm: the batch is 4 in h0, but 3 in xs[0]"));
    BOOST_TEST(
        has(message<ShapeError>([&] { scan(own, one, four); }), "the batch is 4 in h0, the state, but 1 in xs[0]"));
    auto const with_memory = [](Var x, nn::LSTMCell::State s) -> nn::LSTMCell::State {
        Var h = tanh(sum(x, -1, Reduced::keep) + s.h + s.c);
        return {h, s.c};
    };
    BOOST_TEST(has(message<ShapeError>([&] {
                       scan(with_memory, one, nn::LSTMCell::State{first, four});
                   }),
                   "but 1 in xs[0]"));
    BOOST_TEST((scan(own, one, four, {.state_may_change = true}).state.shape() == Shape{4, 6}));
    BOOST_TEST((scan(own, three, first).state.shape() == Shape{3, 6}));  // one that all start from
    Index const lengths[] = {2, 5, 3};
    Var const flat        = tape.zeros({6}).named("h0");
    BOOST_TEST(has(message<ShapeError>([&] { scan(own, three, flat, {.lengths = lengths}); }),
                   "lengths are of the sequences of a batch, but the state h0 [6] is of one: it needs an axis for the "
                   "batch, [3,6]"));
}

BOOST_AUTO_TEST_CASE(want_a_state_of_a_batch_where_there_are_lengths) {
    auto const own        = [](Var x, Var h) -> Var { return tanh(sum(x, -1, Reduced::keep) + h); };
    Var const flat        = tape.zeros({3}).named("h0");  // as long as the batch
    Index const lengths[] = {2, 5, 3};
    std::string const of_one =
        " of the sequences of a batch, but the state h0 [3] is of one: it needs an axis for the batch, [3,3]";
    NodeId const before = tape.size();
    BOOST_TEST(has(message<ShapeError>([&] { scan(own, xs, flat, {.lengths = lengths}); }), "lengths are" + of_one));
    Var const mask = tape.constant(xt::ones<double>({5, 3}));
    BOOST_TEST(has(message<ShapeError>([&] { scan(own, xs, flat, {.mask = mask}); }), "the mask is" + of_one));
    BOOST_TEST(has(message<ShapeError>([&] { scan(own, xs, tape.zeros({4}).named("h0"), {.mask = mask}); }),
                   "the state h0 [4] is of one: it needs an axis for the batch, [3,4]"));
    Params p(1, float64);
    BOOST_TEST(has(message<ShapeError>([&] { scan(nn::RNNCell(p, 4, 3), xs, flat, {.lengths = lengths}); }),
                   "rnn: h0 lacks the axis of the batch, which is 3 in"));
    Var const row = tape.constant(xt::ones<double>({5}));
    BOOST_TEST(has(message<ShapeError>([&] { scan(own, xs, flat, {.mask = row}); }),
                   "the mask of 5 steps of 3 sequences is [5], not [5,3]"));
    nn::MGUCell const mgu(p / "mgu", 5, 3);  // of other features, which is all that is wrong
    BOOST_TEST(has(message<ShapeError>([&] { mgu(xs[0], flat); }), "mgu: the input and the state do not fit"));
    BOOST_TEST(tape.size() == before + 1 + 2);  // the mask and the state, but nothing of a scan
    auto const counts = [](Var x, Var h) -> Var { return h + sum(x, -1); };  // one number a sequence
    BOOST_TEST((scan(counts, xs, flat, {.lengths = lengths}).state.shape() == Shape{3}));
}

BOOST_AUTO_TEST_SUITE_END()
