// The code of docs/questions.md.
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <unspool.hpp>
#include <xtensor/xio.hpp>

using namespace unspool;

namespace {

using Series = Sequences<Features<float>, Index>;

/// One's own sequences of features, each with a class: noise, and noise that rises.
Series own_data(Index n, Random& random) {
    Series data;
    for (Index i = 0; i < n; ++i) {
        Index const steps = 5 + static_cast<Index>(random.below(6)), rises = i % 2;
        Features<float> x({static_cast<std::size_t>(steps), 2});
        for (Index t = 0; t < steps; ++t)
            for (Index k = 0; k < 2; ++k)
                x(t, k) = static_cast<float>(0.1 * random.normal() + 0.2 * static_cast<double>(rises * t));
        data.inputs.push_back(x);
        data.targets.push_back(rises);
    }
    return data;
}

struct Classifier {
    nn::GRUCell gru;
    nn::Linear out;

    explicit Classifier(Params p) : gru(p / "gru", 2, 8), out(p / "out", 8, 2) {}

    Var operator()(Tape& tape, auto const& batch) const {
        Var xs             = tape.input(batch.inputs, "xs");  // [T,B,2], filled up with zeros
        auto const [hs, h] = scan(gru, xs, gru.zeros(tape, batch.size()), {.lengths = batch.lengths});
        return out(h);  // [B,2]: the state after the last step of each
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(questions)

BOOST_AUTO_TEST_CASE(a_var_is_printed) {
    Tape tape;
    Var x = tape.input(xt::xarray<float>{{0.5f, -1}, {2, 3}}, "x");
    Var y = tanh(x);
    std::ostringstream out;
    out << y;                                     // its name, type, shape and first elements
    out << xt::xarray<double>(y.value<float>());  // all of them, after #include <xtensor/xio.hpp>
    BOOST_TEST(out.str().starts_with("y: float32 [2,2] {0.462"), out.str());
}

BOOST_AUTO_TEST_CASE(own_data_are_learned_and_predicted) {
    Random random(1);
    Series const train = own_data(64, random), unseen = own_data(20, random);

    Params params(7);
    Classifier const model(params);
    Adam adam(params, {.rate = 0.02});
    SequenceBatches batches(train, {.size = 16, .seed = 1});
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        return cross_entropy(model(tape, batch), batch.targets);
    };
    fit(params, adam, batches, loss, {.epochs = 15, .quiet = true});

    auto const logits    = [&](Tape& tape, auto const& batch) { return model(tape, batch); };
    auto const predicted = predict(params, unseen, {.size = 16}, logits);  // [N,2], in the order of the data

    int right = 0;
    for (std::size_t i = 0; i < 20; ++i) right += (predicted(i, 1) > predicted(i, 0)) == (unseen.targets[i] == 1);
    BOOST_TEST(right >= 18);
}

BOOST_AUTO_TEST_CASE(losses_take_these_shapes) {
    Tape tape;
    Var logits = tape.zeros({4, 3, 10}), y = tape.zeros({4, 3, 1});  // [T,B,classes], [T,B,1]
    xt::xarray<Index> const classes = xt::ones<Index>({4, 3});
    xt::xarray<float> const numbers = xt::ones<float>({4, 3, 1});

    Var a = cross_entropy(logits, classes);                        // [T,B]: a class for each step; a scalar
    Var b = cross_entropy(logits, classes, {.over = Over::none});  // one for each step: [T,B]
    Var c = mse(y, numbers);                                       // as prediction and target: equal shapes
    BOOST_TEST(a.shape() == Shape{});
    BOOST_TEST(b.shape() == (Shape{4, 3}));
    BOOST_TEST(c.item() == 1);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_copied) {
    Tape tape;
    Var y                        = exp(tape.input(xt::xarray<float>{1, 2, 3}));
    xt::xarray<float> const kept = y.value<float>();  // a copy; `auto view = y.value<float>()` is none
    tape.rewind();
    BOOST_TEST(kept(2) == std::exp(3.f), boost::test_tools::tolerance(1e-6f));
    BOOST_CHECK_THROW(y.value<float>(), TapeError);
}

BOOST_AUTO_TEST_CASE(a_seed_is_a_run) {
    auto const run = [] {
        Params params(7);  // where weights start
        Random random(7);  // what is drawn on the way: data, dropout, noise
        nn::Linear const layer(params / "layer", 3, 2);
        Tape tape;
        return layer.weight.value<float>()(0, 0) + static_cast<float>(random.normal());
    };
    BOOST_TEST(run() == run());
}

BOOST_AUTO_TEST_CASE(a_report_says_how_the_library_was_built) {
    std::ostringstream out;
    out << build_info();
    BOOST_TEST(out.str().starts_with("version       0."), out.str());
}

BOOST_AUTO_TEST_SUITE_END()
