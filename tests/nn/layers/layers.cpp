// Layers of any cell: directions, lengths, states, dropout, errors.
#include <cmath>
#include <nn/cells.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// A user's cell, of two parts, whose names are not those of the shipped ones.
struct Leaky {
    struct State {
        Var h, trace;
    };
    nn::Linear W, U;

    Leaky(Params p, Index in, Index hidden) : W(p / "W", in, hidden), U(p / "U", hidden, hidden, nn::no_bias) {}

    State operator()(Var x, State s) const {
        Var trace = 0.5 * s.trace + tanh(W(x) + U(s.h));
        Var h     = trace * s.h + trace;
        return {h, trace};
    }
    State zeros(Tape& tape, Index batch) const { return {tape.zeros({batch, out()}), tape.zeros({batch, out()})}; }
    Index out() const { return U.out(); }
};

xt::xarray<double> values(Var x) { return x.value<double>(); }

/// Sequence b of a batch, alone and unpadded.
xt::xarray<double> alone(xt::xarray<double> const& xs, std::size_t b, Index n) {
    return xt::view(xs, xt::range(0, n), xt::range(b, b + 1), xt::all());
}

struct Fixture {
    Params params{5, float64};
    Tape tape{float64};
    xt::xarray<double> xs            = numbers({5, 3, 4}, 1);
    std::vector<Index> const lengths = {3, 5, 1};
};

/// Padded sequences give what each gives alone: outputs, states and gradients.  What is in the padding does not matter.
template <class Net> void padding_changes_nothing(Fixture& f, Net const& net) {
    for (std::size_t b = 0; b < 3; ++b)
        for (Index t = f.lengths[b]; t < 5; ++t) xt::view(f.xs, t, b) = std::nan("");
    Var const x        = f.tape.input(f.xs);
    auto const r       = net(x, {.lengths = f.lengths});
    auto const weights = numbers({5, 3, static_cast<std::size_t>(r.outputs.size(2))}, 7);
    auto const g       = backward(sum(r.outputs * weights));
    std::vector<xt::xarray<double>> sums;
    for (std::size_t b = 0; b < 3; ++b) {
        Tape tape(float64);
        Index n        = f.lengths[b];
        Var const xb   = tape.input(alone(f.xs, b, n));
        auto const one = net(xb);
        BOOST_TEST(golden::near(alone(values(r.outputs), b, n), values(one.outputs), 1e-13));
        auto const ours = states::parts(r.state), theirs = states::parts(one.state);
        for (std::size_t k = 0; k < ours.size(); ++k)
            BOOST_TEST(golden::near(xt::view(values(ours[k]), xt::all(), b), xt::view(values(theirs[k]), xt::all(), 0),
                                    1e-13));
        auto const gb = backward(sum(one.outputs * alone(weights, b, n)));
        BOOST_TEST(golden::near(alone(g[x].template value<double>(), b, n), xt::xarray<double>(gb[xb]), 1e-13));
        std::size_t k = 0;
        for (Param* p : f.params.all()) {
            xt::xarray<double> const gp = gb[*p];
            if (b == 0) sums.push_back(gp);
            else sums[k] += gp;
            ++k;
        }
        for (Index t = n; t < 5; ++t) BOOST_TEST(xt::amax(xt::abs(xt::view(values(r.outputs), t, b)))() == 0);
    }
    std::size_t k = 0;
    for (Param* p : f.params.all())
        BOOST_TEST_CONTEXT(p->path()) BOOST_TEST(golden::near(xt::xarray<double>(g[*p]), sums[k++], 1e-12));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(layers, Fixture)

BOOST_AUTO_TEST_CASE(a_layer_is_a_scan) {
    nn::Layer<nn::MGUCell> const layer(params, 4, 6);
    Var const x = tape.input(xs), h = tape.input(numbers({3, 6}, 2));
    auto const r = layer(x, {.state = h});
    auto const s = scan(layer.cell, x, h);
    BOOST_TEST(golden::near(values(r.outputs), values(stack(s.outputs)), 1e-13));
    BOOST_TEST(golden::near(values(r.state), values(s.state), 1e-13));
    BOOST_TEST(golden::near(values(layer(x).state), values(scan(layer.cell, x, tape.zeros({3, 6})).state), 0));
}

BOOST_AUTO_TEST_CASE(backwards_is_the_sequence_turned_round) {
    nn::Layer<Leaky> const layer(Leaky(params, 4, 6), true);
    auto const r = layer(tape.input(xs));
    auto const s = nn::Layer<Leaky>(layer.cell)(tape.input(xt::xarray<double>(xt::flip(xs, 0))));
    BOOST_TEST(golden::near(values(r.outputs), xt::flip(values(s.outputs), 0), 1e-14));
    BOOST_TEST(golden::near(values(r.state.trace), values(s.state.trace), 1e-14));
}

BOOST_AUTO_TEST_CASE(padding_changes_nothing_in_a_stack_of_any_cell) {
    padding_changes_nothing(*this, nn::Stacked<Leaky>(params / "leaky", 4, 6, {.layers = 2, .bidirectional = true}));
}
BOOST_AUTO_TEST_CASE(padding_changes_nothing_in_a_gru) {
    padding_changes_nothing(*this, nn::GRU(params / "gru", 4, 6, {.bidirectional = true}));
}
BOOST_AUTO_TEST_CASE(padding_changes_nothing_in_a_cell_with_options) {
    padding_changes_nothing(*this, nn::LSTM(params, 4, 6, {.layers = 2}, {.projection = 2, .peepholes = true}));
}

BOOST_AUTO_TEST_CASE(a_sequence_without_steps_keeps_its_state) {
    nn::Layer<nn::GRUCell> const layer(params, 4, 6);
    Var const h = tape.input(numbers({3, 6}, 2));
    std::vector<Index> const none{0, 5, 0};
    auto const r = layer(tape.input(xs), {.state = h, .lengths = none});
    for (std::size_t b : {0u, 2u}) {
        BOOST_TEST(golden::near(xt::view(values(r.state), b), xt::view(values(h), b), 0));
        BOOST_TEST(xt::amax(xt::abs(xt::view(values(r.outputs), xt::all(), b)))() == 0);
    }
}

BOOST_AUTO_TEST_CASE(both_directions_stand_side_by_side) {
    nn::Bidirectional<Leaky> const both(params, 4, 6);
    auto const r = both(tape.input(xs), {.lengths = lengths});
    auto const f = both.forward(tape.input(xs), {.lengths = lengths});
    auto const b = both.backward(tape.input(xs), {.lengths = lengths});
    BOOST_TEST(
        golden::near(xt::view(values(r.outputs), xt::all(), xt::all(), xt::range(0, 6)), values(f.outputs), 1e-13));
    BOOST_TEST(
        golden::near(xt::view(values(r.outputs), xt::all(), xt::all(), xt::range(6, 12)), values(b.outputs), 1e-13));
    BOOST_TEST(golden::near(values(r.state.backward.h), values(b.state.h), 1e-13));
    auto const again = both(tape.input(xs), {.state = r.state});
    BOOST_TEST(golden::near(values(again.state.forward.h),
                            values(both.forward(tape.input(xs), {.state = f.state}).state.h), 1e-13));
    BOOST_TEST(paths(params).front() == "forward.W.weight");
    BOOST_TEST(paths(params).back() == "backward.U.weight");
}

BOOST_AUTO_TEST_CASE(batch_first_turns_the_sequences_only) {
    Params p(1, float64), q(1, float64);
    nn::LSTM lstm(p, 4, 6, {.layers = 2, .bidirectional = true}),
        first(q, 4, 6, {.layers = 2, .bidirectional = true, .batch_first = true});
    auto a = lstm(tape.input(xs)), b = first(tape.input(xt::xarray<double>(xt::transpose(xs, {1, 0, 2}))));
    BOOST_TEST(golden::near(values(b.outputs), xt::transpose(values(a.outputs), {1, 0, 2}), 0));
    BOOST_TEST(golden::near(values(b.state.c), values(a.state.c), 0));
    BOOST_TEST((b.state.c.shape() == Shape{4, 3, 6}));
}

BOOST_AUTO_TEST_CASE(dropout_is_between_layers_and_needs_something_to_draw_from) {
    nn::GRU const deep(params / "deep", 4, 6, {.layers = 2, .dropout = 0.5});
    Random random(1);
    auto output = [&](nn::GRU const& net, Random* r) { return values(net(tape.input(xs), {.random = r}).outputs); };
    BOOST_TEST(golden::near(output(deep, nullptr), output(deep, nullptr), 1e-13));
    auto const dropped = output(deep, &random);
    BOOST_TEST(!golden::near(dropped, output(deep, nullptr), 1e-3));
    BOOST_TEST(!golden::near(dropped, output(deep, &random), 1e-3));
    Random same(1);
    same.uniform();  // what the first dropout drew its seed with is gone
    BOOST_TEST(!golden::near(dropped, output(deep, &same), 1e-3));
}

BOOST_AUTO_TEST_CASE(a_state_goes_in_as_it_came_out) {
    nn::LSTM const net(params, 4, 6, {.layers = 2, .bidirectional = true});
    Var const x = tape.input(xs);
    nn::LSTM const forward(params / "forward", 4, 6, {.layers = 2});
    auto const whole = forward(x);
    auto const half = forward(slice(x, 0, 0, 2)), rest = forward(slice(x, 0, 2, 5), {.state = half.state});
    BOOST_TEST(golden::near(values(rest.state.h), values(whole.state.h), 1e-14));
    BOOST_TEST(golden::near(values(rest.state.c), values(whole.state.c), 1e-14));
    BOOST_TEST(golden::near(values(concat({half.outputs, rest.outputs})), values(whole.outputs), 1e-14));
    BOOST_TEST((net(x).state.h.shape() == Shape{4, 3, 6}));
}

BOOST_AUTO_TEST_CASE(a_recorder_gives_gates_and_states) {
    nn::Layer<nn::LSTMCell> const lstm(params / "lstm", 4, 6);
    Recorder recorder;
    auto const r = lstm(tape.input(xs), {.record = &recorder});
    Var const i = recorder.sequence("i"), f = recorder.sequence("f"), g = recorder.sequence("g"),
              o = recorder.sequence("o");
    Var const c = recorder.sequence("c"), h = recorder.sequence("h");
    BOOST_TEST((c.shape() == Shape{5, 3, 6}));
    BOOST_TEST(golden::near(values(h), values(r.outputs), 0));
    BOOST_TEST(golden::near(values(o) * xt::tanh(values(c)), values(h), 1e-14));
    auto const last = xt::xarray<double>(
        xt::concatenate(xt::xtuple(xt::zeros<double>({1, 3, 6}), xt::view(values(c), xt::range(0, 4)))));
    BOOST_TEST(golden::near(values(f) * last + values(i) * values(g), values(c), 1e-14));
    auto const slope = backward(sum(c));
    BOOST_TEST(slope.reached(params["lstm.weight_hh_l0"]));
    auto const m = message<NameError>([&] { recorder.sequence("q"); });
    BOOST_TEST(
        has(m, "nothing is called \"q\" in every recorded step; there are: \"c\", \"f\", \"g\", \"h\", \"i\", \"o\""));
}

BOOST_AUTO_TEST_CASE(a_recorder_knows_the_names_of_a_users_cell) {
    nn::Layer<Leaky> const layer(params, 4, 6);
    Recorder recorder;
    auto const r = layer(tape.input(xs), {.record = &recorder});
    BOOST_TEST(golden::near(values(recorder.sequence("h")), values(r.outputs), 0));
    BOOST_TEST(golden::near(xt::view(values(recorder.sequence("trace")), 4), values(r.state.trace), 0));
}

BOOST_AUTO_TEST_CASE(gradients_stop_where_the_state_is_detached) {
    nn::MGUCell const cell(params, 4, 6);
    Var const x                 = tape.input(xs);
    auto const r                = scan(cell, x, tape.zeros({3, 6}), {.detach_every = 2});
    auto const g                = backward(sum(r.outputs[4]));
    xt::xarray<double> const gx = g[x];
    BOOST_TEST(xt::amax(xt::abs(xt::view(gx, xt::range(0, 4))))() == 0);
    BOOST_TEST(xt::amax(xt::abs(xt::view(gx, 4)))() > 0);
    xt::xarray<double> const gy = backward(sum(r.outputs[3]))[x];
    BOOST_TEST(xt::amax(xt::abs(xt::view(gy, 2)))() > 0);
    BOOST_TEST(xt::amax(xt::abs(xt::view(gy, xt::range(0, 2))))() == 0);
    BOOST_TEST(golden::near(values(stack(r.outputs)), values(stack(scan(cell, x, tape.zeros({3, 6})).outputs)), 1e-13));
}

BOOST_AUTO_TEST_CASE(inputs_can_follow_from_outputs) {
    nn::MGUCell const cell(params, 6, 6);
    Var const h  = tape.input(numbers({3, 6}, 2));
    auto const r = unroll(tape, cell, 3, h, [&](Index, std::span<Var const> ys) { return ys.empty() ? h : ys.back(); });
    Var const a = cell(h, h), b = cell(a, a), c = cell(b, b);
    BOOST_TEST(golden::near(values(r.outputs[1]), values(b), 1e-13));
    BOOST_TEST(golden::near(values(r.state), values(c), 1e-13));
}

BOOST_AUTO_TEST_CASE(errors_say_what_does_not_fit) {
    nn::LSTM const net(params, 4, 6, {.layers = 2});
    Var const x     = tape.input(xs, "xs");
    auto const size = tape.size();
    std::vector<Index> const two{1, 2}, long_one{1, 2, 6}, negative{1, 2, -1};
    BOOST_TEST(has(message<ShapeError>([&] { net(x[0]); }), "layers.cpp:"));
    BOOST_TEST(has(message<ShapeError>([&] { net(x[0]); }), "xs[0]  [3,4]"));
    BOOST_TEST(
        has(message<ShapeError>([&] { net(x, {.lengths = two}); }), "there are 2 lengths for a batch of 3 sequences"));
    BOOST_TEST(has(message<ValueError>([&] { net(x, {.lengths = long_one}); }),
                   "length 6, of sequence 2, is not between 0 and the 5 steps"));
    BOOST_TEST(has(message<ValueError>([&] { net(x, {.lengths = negative}); }), "length -1"));
    BOOST_CHECK_THROW(net(tape.input(numbers({5, 3, 5}, 1))), ShapeError);
    BOOST_CHECK_THROW(net(Var()), TapeError);
    BOOST_TEST(tape.size() == size + 1);
    Var const h = tape.input(numbers({1, 3, 6}, 1), "h0");
    BOOST_TEST(has(message<ShapeError>([&] {
                       net(x, {.state = nn::LSTMCell::State{h, h}});
                   }),
                   "[2,B,...], one for each layer and direction"));
    BOOST_TEST(has(message<ValueError>([&] { nn::LSTM(params / "a", 4, 6, {.layers = 0}); }),
                   "layers is 0, but must be at least 1"));
    BOOST_TEST(has(message<ValueError>([&] { nn::LSTM(params / "a", 4, 6, {.dropout = 1.5}); }),
                   "dropout is 1.5, but must be in [0, 1]"));
    for (bool both : {false, true})
        BOOST_TEST(
            has(message<ValueError>([&] { nn::GRU(params / "a", 4, 6, {.bidirectional = both, .dropout = 0.9}); }),
                "dropout is 0.9, but must be 0 where there is one layer"));
    BOOST_CHECK_THROW(scan(nn::MGUCell(params / "m", 4, 6), x, tape.zeros({3, 6}), {.detach_every = -1}), ValueError);
}

BOOST_AUTO_TEST_CASE(no_steps_and_no_sequences_are_sequences_too) {
    for (Index steps : {0, 3})
        for (Index batch : {0, 2})
            for (bool both : {false, true}) {
                Params p(5);
                nn::LSTM const lstm(p / "lstm", 3, 4, {.layers = 2, .bidirectional = both});
                Tape tape;
                Var const xs     = tape.input(xt::xarray<float>(xt::ones<float>({steps, batch, Index{3}})));
                auto const r     = lstm(xs);
                Index const ways = both ? 2 : 1;
                BOOST_TEST(r.outputs.shape() == (Shape{steps, batch, 4 * ways}));
                BOOST_TEST(r.state.c.shape() == (Shape{2 * ways, batch, 4}));
                if (steps == 0) BOOST_TEST(sum(abs(r.state.h)).item() == 0);
                else BOOST_TEST((Shape::of(backward(sum(r.outputs))[xs].value<float>().shape()) == xs.shape()));
            }
}

BOOST_AUTO_TEST_SUITE_END()
