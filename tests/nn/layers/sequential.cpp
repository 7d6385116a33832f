// Layers one after another, made where they stand; and what they cost.
#include <boost/test/unit_test.hpp>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

namespace {

/// h' = tanh(W x + U h): no shipped cell.
struct OwnCell {
    nn::Linear W, U;

    OwnCell(Params p, Index in, Index hidden) : W(p / "W", in, hidden), U(p / "U", hidden, hidden, nn::no_bias) {}
    Var operator()(Var x, Var h0) const {
        Var h = tanh(W(x) + U(h0));
        return h;
    }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, out()}); }
    Index out() const { return W.out(); }
};

/// Three sequences, of 4, 2 and 1 steps.
Sequences<Symbols, Index> three() { return {{{1, 2, 3, 4}, {5, 6}, {7}}, {1, 0, 1}}; }
Sequences<Features<double>, NoTarget> three_series() {
    Sequences<Features<double>, NoTarget> out;
    for (std::size_t n : {4, 2, 1}) {
        Features<double> x({n, 2}, 0);
        for (std::size_t t = 0; t < n; ++t) x(t, 0) = static_cast<double>(t + n), x(t, 1) = -0.5;
        out.inputs.push_back(x);
    }
    return out;
}
std::vector<std::string> names(Params const& p) {
    std::vector<std::string> out;
    for (Param* one : p.all()) out.push_back(one->path());
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sequential)

BOOST_AUTO_TEST_CASE(is_made_where_it_stands) {
    Params params(1, float64);
    nn::Sequential const net(params / "net", keras::Embedding(8, 3), keras::SimpleRNN(5), keras::Dense(1, nn::sigmoid));
    BOOST_TEST(names(params) ==
                   (std::vector<std::string>{"net.0.weight", "net.1.weight_ih_l0", "net.1.weight_hh_l0",
                                             "net.1.bias_ih_l0", "net.1.bias_hh_l0", "net.2.weight", "net.2.bias"}),
               boost::test_tools::per_element());
    SequenceBatches batches(three(), {.shuffle = false});
    Tape tape(float64);
    BOOST_TEST(net(tape, *batches.next()).shape() == (Shape{3, 1}));
}

BOOST_AUTO_TEST_CASE(is_what_its_layers_are) {
    Params params(1, float64);
    nn::Sequential const net(params, keras::Embedding(8, 3),
                             keras::Bidirectional(keras::GRU(4, {.return_sequences = true})),
                             keras::Recurrent<OwnCell>(5), nn::relu, keras::Dense(2));
    nn::Embedding const embedding(params["0/weight"]);
    Params again(1, float64);
    nn::GRU const gru(again / "1", 3, 4, {.bidirectional = true});
    nn::Layer<OwnCell> const own(again / "3", 8, 5);
    for (std::string const name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
        for (std::string const direction : {"", "_reverse"})
            again["1/" + name + direction].assign(params["1/" + name + direction].value<double>());
    for (std::string const name : {"W/weight", "W/bias", "U/weight"})
        again["3/" + name].assign(params["2/l0/" + name].value<double>());

    SequenceBatches batches(three(), {.shuffle = false});
    auto const& batch = *batches.next();
    Tape tape(float64);
    Var const sequence = gru(embedding(tape, batch.inputs), {.lengths = batch.lengths}).outputs;
    Var const last     = relu(own(sequence, {.lengths = batch.lengths}).state);
    Var const want     = linear(last, params["4/weight"], params["4/bias"]);
    BOOST_TEST((net(tape, batch).value<double>() == want.value<double>()));
}

BOOST_AUTO_TEST_CASE(what_is_padded_does_not_matter) {
    Params params(1, float64);
    for (auto const& kind : {keras::Bidirectional(keras::LSTM(4)), keras::LSTM(4, {.layers = 2})}) {
        nn::Sequential const net(params / std::to_string(params.made()), nn::Input{2}, kind, keras::Dense(3));
        auto const of = [&](Sequences<Features<double>, NoTarget> const& data, bool batch_first) {
            return predict(params, data, {.batch_first = batch_first},
                           [&](Tape& tape, auto const& batch) { return net(tape, batch); });
        };
        auto const together = of(three_series(), false);
        BOOST_TEST((of(three_series(), true) == together));
        for (std::size_t k = 0; k < 3; ++k) {
            auto const alone = of({{three_series().inputs[k]}, {}}, false);
            for (std::size_t c = 0; c < 3; ++c)
                BOOST_TEST(together(k, c) == alone(0, c), boost::test_tools::tolerance(1e-13));
        }
    }
}

BOOST_AUTO_TEST_CASE(sequences_come_out_as_they_went_in) {
    Params params(1, float64);
    nn::Sequential const net(params, nn::Input{2}, keras::GRU(4, {.return_sequences = true}), keras::Dense(3));
    auto const of = [&](bool batch_first) {
        return predict_steps(params, three_series(), {.batch_first = batch_first},
                             [&](Tape& tape, auto const& batch) { return net(tape, batch); });
    };
    auto const a = of(false), b = of(true);
    BOOST_TEST((a[0].shape(0) == 4 && a[2].shape(0) == 1 && a[0].shape(1) == 3));
    for (std::size_t k = 0; k < 3; ++k) BOOST_TEST((a[k] == b[k]));
}

BOOST_AUTO_TEST_CASE(dropout_needs_something_to_draw_from) {
    Params params(1, float64);
    nn::Sequential const net(params, keras::Embedding(8, 3), keras::Dropout{0.5}, keras::LSTM(3));
    SequenceBatches batches(three(), {.shuffle = false});
    auto const& batch = *batches.next();
    Tape tape(float64);
    Random random(1);
    Var const still = net(tape, batch), again = net(tape, batch), dropped = net(tape, batch, &random);
    auto const apart = [](Var a, Var b) { return max(abs(a - b)).item(); };
    BOOST_TEST(apart(still, again) < 1e-14);
    BOOST_TEST(apart(still, dropped) > 1e-3);
}

BOOST_AUTO_TEST_CASE(layers_in_a_byte_budget) {
    Params params(1, float64);
    nn::Sequential net(params, nn::Input{2}, keras::GRU(4, {.return_sequences = true}), keras::LSTM(4),
                       keras::Dense(3));
    xt::xarray<double> const series = xt::ones<double>({200, 16, 2});
    auto const run                  = [&](Bytes memory, std::size_t& bytes) {
        net.memory = memory;
        Tape tape(float64);
        Var const xs             = tape.input(series);
        std::size_t const before = tape.arena().bytes_used();
        Var const y              = net(xs);
        bytes                    = tape.arena().bytes_used() - before;
        return backward(sum(square(y))).flatten(params);
    };
    std::size_t all = 0, budgeted = 0;
    auto const plain = run({}, all);
    BOOST_TEST((run(Bytes{all / 4}, budgeted) == plain));
    BOOST_TEST(2 * budgeted < all);
}

BOOST_AUTO_TEST_CASE(starts_as_keras_does) {
    Params params(1, float64);
    nn::Sequential const net(params, keras::Embedding(50, 4), keras::LSTM(6), keras::Dense(2));
    for (double x : params["0/weight"].value<double>()) BOOST_TEST(std::abs(x) <= 0.05);
    auto const bias =
        xt::xarray<double>(params["1/bias_ih_l0"].value<double>() + params["1/bias_hh_l0"].value<double>());
    for (std::size_t k = 0; k < 24; ++k) BOOST_TEST(bias(k) == (k / 6 == 1 ? 1 : 0));
    auto const U = params["1/weight_hh_l0"].value<double>();
    for (std::size_t gate = 0; gate < 4; ++gate) {
        double square = 0;
        for (std::size_t k = 0; k < 6; ++k) square += U(6 * gate, k) * U(6 * gate, k);
        BOOST_TEST(square == 1, boost::test_tools::tolerance(1e-12));
    }
    for (double x : params["2/bias"].value<double>()) BOOST_TEST(x == 0);
    Params mine(1, float64), same(1, float64);
    nn::Sequential const own(mine, nn::Input{2}, keras::Recurrent<OwnCell>(3));
    OwnCell const cell(same / "0" / "l0", 2, 3);
    BOOST_TEST(
        (mine["0/l0/U/weight"].value<double>() == same["0/l0/U/weight"].value<double>()));  // as it does by itself
}

BOOST_AUTO_TEST_CASE(who_has_no_input_is_told_so) {
    Params params;
    auto const where = [&]() -> std::string {
        try {
            nn::Sequential const net(params, keras::LSTM(3));
        } catch (ValueError const& e) { return e.what(); }
        return "";
    };
    BOOST_TEST(where().find("sequential.cpp:") == 0U);
    BOOST_TEST(where().find("begin with nn::Input") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(has_a_summary) {
    Params params;
    nn::Sequential const net(params, keras::Embedding(100, 4), keras::SimpleRNN(8), nn::relu, keras::Dense(1));
    Summary const s = summary(net, {.batch = 2, .steps = 3});
    BOOST_REQUIRE(s.layers.size() == 4U);
    BOOST_TEST(s.layers[0].name == "0 Embedding");
    BOOST_TEST(s.layers[1].name == "1 SimpleRNN");
    BOOST_TEST(s.layers[0].shape == (Shape{3, 2, 4}));
    BOOST_TEST(s.layers[1].shape == (Shape{2, 8}));
    BOOST_TEST(s.layers[1].parameters == 8 * 4 + 8 * 8 + 2 * 8);
    BOOST_TEST(s.parameters() == params.count());
    BOOST_TEST(s.layers[2].flops == 2 * 8);
    BOOST_TEST(s.layers[3].flops == 2 * (2 * 8 + 1));
    BOOST_TEST(s.layers[1].flops >= 3 * 2 * 2 * 8 * (4 + 8));
    BOOST_TEST(s.layers[3].bytes == 2 * 4);
    BOOST_TEST(text(s).find("400") != std::string::npos);
    BOOST_CHECK_THROW(summary(net, {.steps = 0}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
