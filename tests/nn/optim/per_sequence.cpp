// The gradients of each sequence of a batch, from one sweep, are those of as many sweeps of single sequences.
#include <functional>
#include <nn/cells.hpp>
#include <unspool/nn/optim/per_sequence.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

constexpr Index batch = 4, steps = 5, inputs = 3, units = 6;

/// The losses [n] of the sequences from a first one on.
using Losses = std::function<Var(Tape&, Index first, Index n)>;

template <class X> xt::xarray<double> some_sequences(X const& xs, Index first, Index n, std::size_t axis = 1) {
    if (axis == 0) return xt::view(xs, xt::range(first, first + n));
    return xt::view(xs, xt::all(), xt::range(first, first + n));
}

/// Of outputs [T,n,H]: what no two sequences, steps or units have in common.
Var losses_of(Var ys, Index first, Index n) {
    auto const shape = ys.shape();
    auto const w     = numbers({static_cast<std::size_t>(shape[0]), batch, static_cast<std::size_t>(shape[2])}, 9);
    return sum(sum(square(ys) * some_sequences(w, first, n), -1), 0);
}

/// Gradients of each sequence, by sweeps of one at a time: [B, …] for each parameter.
std::vector<xt::xarray<double>> one_by_one(Params const& p, Losses const& losses) {
    std::vector<xt::xarray<double>> out;
    for (Param* q : p.all()) {
        std::vector<std::size_t> shape{static_cast<std::size_t>(batch)};
        shape.insert(shape.end(), q->shape().begin(), q->shape().end());
        out.push_back(xt::zeros<double>(shape));
    }
    Tape tape(float64);
    for (Index b = 0; b < batch; ++b) {
        tape.rewind();
        Gradients const g = backward(sum(losses(tape, b, 1)));
        auto to           = out.begin();
        for (Param* q : p.all()) xt::view(*to++, b) = g[*q].value<double>();
    }
    return out;
}

double square_of(xt::xarray<double> const& x) { return xt::sum(x * x)(); }

/// All that there is, against its definition.
void compare_with_single_sequences(Params const& p, Losses const& losses) {
    auto const expected = one_by_one(p, losses);
    Tape tape(float64);
    Var const l = losses(tape, 0, batch);
    PerSequence each(l);
    std::vector<double> const weights{0.7, -1.3, 0.2, 2.5};
    std::vector<double> squares(batch);
    auto e = expected.begin();
    for (Param* q : p.all()) BOOST_TEST_CONTEXT(q->path()) {
            BOOST_TEST(golden::near(each.gradients<double>(*q), *e, 1e-12));
            auto const norms = each.squared_norms(*q);
            for (std::size_t b = 0; b < batch; ++b) {
                double const s = square_of(xt::view(*e, b));
                squares[b] += s;
                BOOST_TEST(golden::distance(norms[b], s) <= 1e-12);
            }
            ++e;
        }
    auto const norms = each.norms();
    for (std::size_t b = 0; b < batch; ++b) BOOST_TEST(golden::distance(norms[b], std::sqrt(squares[b])) <= 1e-12);
    auto const compare_sum = [&](Gradients const& g, std::vector<double> const& w) {
        auto next = expected.begin();
        for (Param* q : p.all()) BOOST_TEST_CONTEXT(q->path()) {
                xt::xarray<double> sum = xt::zeros_like(xt::xarray<double>(xt::view(*next, 0)));
                for (std::size_t b = 0; b < batch; ++b) sum += w[b] * xt::view(*next, b);
                BOOST_TEST(golden::near(g[*q].value<double>(), sum, 1e-12));
                ++next;
            }
    };
    compare_sum(each.sum(), std::vector<double>(batch, 1.0));
    compare_sum(each.sum(weights), weights);
    double const most = norms[1];  // so that some are clipped
    std::vector<double> factors;
    for (double n : norms) factors.push_back(n > most ? most / n : 1);
    compare_sum(each.clipped_sum(most), factors);
    compare_sum(backward(l, xt::xarray<double>{0.7, -1.3, 0.2, 2.5}), weights);  // of whom all of them are
    BOOST_CHECK_NO_THROW(require_separate(l));
}

template <class Network> Losses losses_of_layers(Network const& net, bool with_lengths = false) {
    auto const xs = numbers({steps, batch, inputs}, 1);
    return [&net, xs, with_lengths](Tape& tape, Index first, Index n) {
        static constexpr std::array<Index, batch> lengths{5, 2, 4, 1};
        auto const some = std::span(lengths).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n));
        auto const run  = net(tape.constant(some_sequences(xs, first, n)),
                              {.lengths = with_lengths ? some : std::span<Index const>()});
        return losses_of(run.outputs, first, n);
    };
}

template <class Network> void compare_layers(typename Network::Options const& cell = {}) {
    for (bool both : {false, true})
        for (bool lengths : {false, true}) BOOST_TEST_CONTEXT(both << lengths) {
                Params p(3, float64);
                Network const net(p, inputs, units, {.layers = 2, .bidirectional = both}, cell);
                compare_with_single_sequences(p, losses_of_layers(net, lengths));
            }
}

/// A weight that is used several times a step, twice in one sum, and from both sides; a gain, a scalar, and a state that is learned.
struct Shared {
    nn::Linear W;
    Param &U, &b, &gain, &temperature, &h0;

    explicit Shared(Params p)
        : W(p / "W", inputs, units)
        , U(p.uniform("U", {units, units}, -0.5, 0.5))
        , b(p.uniform("b", {units}, -0.5, 0.5))
        , gain(p.uniform("gain", {units}, 0.5, 1.5))
        , temperature(p.constant("temperature", {}, 0.8))
        , h0(p.uniform("h0", {units}, -0.5, 0.5)) {}

    Var operator()(Var x, Var h) const {
        Var const turned = sin(h), a = tanh(W(x) + linear(h, U, b) + linear(turned, U));
        Var const c = sigmoid(linear(a, U) + gain * a + b);
        Var const d = tanh(matmul(c * a, U) * temperature);
        return d + gain * layer_norm(h);
    }
    Var start(Tape& tape, Index n) const { return broadcast_to(tape.lift(h0), {n, units}); }
};

/// A network whose output has the weight of its input.
struct Tied {
    nn::Embedding embed;
    nn::GRUCell cell;
    nn::Linear out;

    explicit Tied(Params p) : embed(p / "embed", 7, units), cell(p / "cell", units, units), out(embed.weight) {}

    Var operator()(Tape& tape, xt::xarray<int> const& ids) const {
        auto const [hs, last] = scan(cell, embed(tape, ids), cell.zeros(tape, static_cast<Index>(ids.shape(1))));
        Var const logits      = out(stack(hs));
        return sum(cross_entropy(logits, ids, Over::none), 0);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(per_sequence)

BOOST_AUTO_TEST_CASE(of_rnn) { compare_layers<nn::RNN>(); }
BOOST_AUTO_TEST_CASE(of_lstm) { compare_layers<nn::LSTM>(); }
BOOST_AUTO_TEST_CASE(of_gru) { compare_layers<nn::GRU>(); }
BOOST_AUTO_TEST_CASE(of_lstm_with_peepholes) { compare_layers<nn::LSTM>({.peepholes = true}); }
BOOST_AUTO_TEST_CASE(of_lstm_with_layer_normalisation) { compare_layers<nn::LSTM>({.layer_norm = true}); }

BOOST_AUTO_TEST_CASE(of_weights_that_are_shared_transposed_and_elementwise) {
    Params p(3, float64);
    Shared const cell(p);
    auto const xs = numbers({steps, batch, inputs}, 1);
    compare_with_single_sequences(p, [&](Tape& tape, Index first, Index n) {
        auto const hs = scan(cell, tape.constant(some_sequences(xs, first, n)), cell.start(tape, n)).outputs;
        return losses_of(stack(hs), first, n);
    });
}

BOOST_AUTO_TEST_CASE(of_a_table_that_is_tied_to_the_output) {
    Params p(3, float64);
    Tied const net(p);
    xt::xarray<int> const ids{{3, 1, 0, 6}, {2, 2, 0, 5}, {1, 4, 0, 6}};
    compare_with_single_sequences(p, [&](Tape& tape, Index first, Index n) {
        return net(tape, xt::view(ids, xt::all(), xt::range(first, first + n)));
    });
}

BOOST_AUTO_TEST_CASE(of_parts_of_a_weight_and_of_rows_in_one_axis) {
    Params p(3, float64);
    Param &W = p.uniform("W", {2 * units, inputs}, -1, 1), &b = p.uniform("b", {units}, -1, 1);
    auto const xs = numbers({steps, batch, inputs}, 1);
    compare_with_single_sequences(p, [&](Tape& tape, Index first, Index n) {
        Var const all = tape.lift(W), x = reshape(tape.constant(some_sequences(xs, first, n)), {steps * n, inputs});
        Var const low = linear(x, slice(all, 0, 0, units), b), high = linear(x, slice(all, 0, units, 2 * units));
        Var const both = low * high + linear(x, slice(all, 0, 3, 3 + units)) + b * low;
        return losses_of(reshape(both, {steps, n, units}), first, n);
    });
}

BOOST_AUTO_TEST_CASE(of_weights_that_meet_the_same_adjoints_at_some_places_and_not_at_others) {
    Params p(3, float64);
    Param &U = p.uniform("U", {units, inputs}, -1, 1), &V = p.uniform("V", {units, inputs}, -1, 1),
          &W = p.uniform("W", {units, inputs}, -1, 1), &b = p.uniform("b", {units}, -1, 1);
    auto const xs = numbers({steps, batch, inputs}, 1);
    compare_with_single_sequences(p, [&](Tape& tape, Index first, Index n) {
        Var const x = tape.constant(some_sequences(xs, first, n)), y = sin(x);
        Var const one = linear(y, U), two = linear(x, V) + linear(y, W);
        Var const all = linear(x, U) + linear(y, V, b) + linear(x, W);  // which is the first on the way back
        return losses_of(tanh(one) * all + two, first, n);
    });
}

BOOST_AUTO_TEST_CASE(of_a_scalar_are_those_of_its_parts) {
    Params p(3, float64);
    nn::RNN const net(p, inputs, units);
    Losses const losses = losses_of_layers(net);
    Tape tape(float64);
    Var const l    = losses(tape, 0, batch);
    Var const mean = core::mean(l);
    PerSequence const a(l), b(batch * mean, batch);
    for (Param* q : p.all()) BOOST_TEST(golden::near(b.gradients<double>(*q), a.gradients<double>(*q), 1e-13));
}

BOOST_AUTO_TEST_CASE(in_float) {
    Params p(3, float32);
    nn::LSTM const net(p, inputs, units, {.layers = 2}, {.peepholes = true});
    Losses const losses = losses_of_layers(net);
    Tape tape;
    Var const l = losses(tape, 0, batch);
    PerSequence each(l);
    Gradients const g = backward(sum(l));
    for (Param* q : p.all()) BOOST_TEST_CONTEXT(q->path()) {
            xt::xarray<float> const all = each.gradients<float>(*q);
            BOOST_TEST(golden::near_in_norm(xt::xarray<float>(xt::sum(all, 0)), g[*q].value<float>(), 1e-5));
            BOOST_TEST(golden::near_in_norm(each.sum()[*q].value<float>(), g[*q].value<float>(), 1e-5));
            for (std::size_t b = 0; b < batch; ++b) {
                double const expected = square_of(xt::cast<double>(xt::view(all, b)));
                BOOST_TEST(golden::distance(each.squared_norms(*q)[b], expected) <= 1e-5 * (1 + expected));
            }
        }
    BOOST_TEST(has(message<TypeError>([&] { static_cast<void>(each.gradients<double>(*p.all()[0])); }),
                   "are float32, not float64"));
}

BOOST_AUTO_TEST_CASE(
    norms_of_long_and_short_sequences_agree) {  // where products, or those of rows with rows, are cheaper
    for (std::size_t length : {1u, 2u, 40u}) {
        Params p(3, float64);
        nn::RNN const net(p, inputs, units);
        auto const xs = numbers({length, batch, inputs}, 1);
        Tape tape(float64);
        Var const ys = net(tape.constant(xs)).outputs;
        PerSequence const each(sum(sum(ys * numbers({length, batch, units}, 2), -1), 0));
        for (Param* q : p.all())
            for (std::size_t b = 0; b < batch; ++b)
                BOOST_TEST(golden::distance(each.squared_norms(*q)[b],
                                            square_of(xt::view(each.gradients<double>(*q), b))) <= 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(the_noise_scale_is_that_of_the_covariance) {
    Params p(3, float64);
    nn::GRU const net(p, inputs, units);
    Losses const losses = losses_of_layers(net);
    auto const all      = one_by_one(p, losses);
    double trace = 0, mean_square = 0;
    for (auto const& g : all) {
        xt::xarray<double> const mean = xt::mean(g, 0), apart = g - mean;
        trace += square_of(apart) / (batch - 1), mean_square += square_of(mean);
    }
    Tape tape(float64);
    PerSequence each(losses(tape, 0, batch));
    NoiseScale const n = each.noise_scale();
    BOOST_TEST(golden::distance(n.trace, trace) <= 1e-12);
    BOOST_TEST(golden::distance(n.squared_norm, mean_square - trace / batch) <= 1e-12);
    BOOST_TEST(golden::distance(n.simple(), trace / (mean_square - trace / batch)) <= 1e-11);
}

BOOST_AUTO_TEST_SUITE_END()
