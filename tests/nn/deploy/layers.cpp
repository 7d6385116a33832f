// Layers and models of layers as streams and as C: after each step, what the model makes of the sequence so far.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <nn/files/scratch.hpp>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;

namespace {

xt::xarray<float> drawn_sequence(Index steps, Index features) {
    Random random(5);
    auto out = xt::xarray<float>::from_shape({static_cast<std::size_t>(steps), 1, static_cast<std::size_t>(features)});
    for (float& x : out) x = static_cast<float>(random.normal());
    return out;
}
double farthest(std::span<float const> got, Var expected) {
    auto const view = expected.value<float>();
    double out      = got.size() == view.size() ? 0 : 1e9;
    std::size_t i   = 0;
    for (float e : view) out = std::max(out, static_cast<double>(std::abs(e - got[i++])));
    return out;
}

/// Of the outputs at all steps, as `run(xs)` gives them of a whole sequence.
template <class L, class F> double worst(L const& layer, Index features, F run, PlanOptions options = {}) {
    constexpr Index steps = 12;
    nn::Stream stream(layer, options);
    auto const xs = drawn_sequence(steps, features);
    Tape tape;
    Var const ys = run(tape.constant(xs));
    double out   = 0;
    for (Index t = 0; t < steps; ++t) {
        std::span<float const> const x(xs.data() + t * features, static_cast<std::size_t>(features));
        out = std::max(out, farthest(stream(x), ys[t]));
    }
    return out;
}

/// What its own test says.
template <class L> int own_test_of(L const& layer, CFileOptions options = {}) {
    files::TemporaryFolder const folder;
    options.name = "model";
    write_c((folder / "model.c").string(), layer, options);
    return std::system(fmt::format("cd {} && gcc -std=c99 -Wall -Wextra -Wconversion -pedantic -Werror -O1 model.c "
                                   "model_test.c -o model_test -lm && ./model_test >printed",
                                   folder.folder.string())
                           .c_str());
}
template <class L> std::string complaint_of_stream(L const& layer) {
    try {
        nn::Stream s(layer);
    } catch (TypeError const& e) { return e.what(); }
    return "nothing was thrown";
}

constexpr double rounding = 2e-6;

}  // namespace

BOOST_AUTO_TEST_SUITE(layers_that_leave)

BOOST_AUTO_TEST_CASE(are_the_whole_sequence_step_by_step) {
    Params const p(1);
    nn::Layer<nn::MGUCell> const one(p / "one", 3, 5);
    nn::LSTM const two(p / "two", 3, 4, {.layers = 2, .dropout = 0.5});
    nn::GRU const gru(p / "gru", 3, 4, {.layers = 3});
    BOOST_TEST(worst(one, 3, [&](Var xs) { return one(xs).outputs; }) <= rounding);
    BOOST_TEST(worst(two, 3, [&](Var xs) { return two(xs).outputs; }) <= rounding);
    BOOST_TEST(worst(gru, 3, [&](Var xs) { return gru(xs).outputs; }) <= rounding);
    BOOST_TEST(own_test_of(one) == 0);
    BOOST_TEST(own_test_of(two, {.int8 = true}) == 0);
    BOOST_TEST(nn::Stream(two).state("c").size() == 8u);
}

BOOST_AUTO_TEST_CASE(are_models_that_forecast) {
    Params const p(2);
    nn::Sequential const model(p, nn::Input{2}, keras::Dense(4, nn::relu), keras::LSTM(6, {.return_sequences = true}),
                               nn::Dropout{0.5}, nn::LayerNorm(p / "norm", 6),
                               keras::GRU(5, {.return_sequences = true}), nn::tanh, keras::Dense(1));
    BOOST_TEST(worst(model, 2, [&](Var xs) { return model(xs); }) <= rounding);
    BOOST_TEST(own_test_of(model) == 0);
    BOOST_TEST(own_test_of(model, {.dtype = float64, .batch = 3}) == 0);
    std::vector<std::string> const names{"1.h", "1.c", "4.h"};
    BOOST_TEST(nn::Stream(model).state_names() == names, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(are_models_that_give_the_last_step_of_the_sequence_so_far) {
    Params const p(3);
    nn::Sequential const model(p, nn::Input{2}, keras::SimpleRNN(6), keras::Dense(2));
    nn::Stream stream(model);
    auto const xs = drawn_sequence(5, 2);
    for (Index t = 0; t < 5; ++t) {
        Tape tape;
        Var const so_far = tape.constant(xt::view(xs, xt::range(0, t + 1), xt::all(), xt::all()));
        BOOST_TEST(farthest(stream(std::span<float const>(xs.data() + 2 * t, 2)), model(so_far)) <= rounding);
    }
}

BOOST_AUTO_TEST_CASE(are_models_that_read_symbols) {
    Params const p(4);
    nn::Sequential const model(p, keras::Embedding(7, 3), keras::GRU(5, {.return_sequences = true}), keras::Dense(7));
    nn::Stream stream(model);
    Tape tape;
    std::vector<int> const symbols{0, 6, 3, 3, 1};
    nn::Passed const in{.tape = tape, .symbols = core::indices(tape, xt::xtensor<Index, 2>{{0}, {6}, {3}, {3}, {1}})};
    Var const ys = model.run(in).x;
    for (std::size_t t = 0; t < symbols.size(); ++t) {
        std::array<float, 1> const x{static_cast<float>(symbols[t])};
        BOOST_TEST(farthest(stream(x), ys[static_cast<Index>(t)]) <= rounding);
    }
    BOOST_TEST(own_test_of(model) == 0);
    BOOST_TEST(own_test_of(model, {.loaded = true}) == 0);
}

BOOST_AUTO_TEST_CASE(are_within_their_tables) {
    Params const p(4);
    nn::Embedding const table(p, 4, 2);
    nn::Stream stream(table);
    auto const row = [&](float number, std::ptrdiff_t of) {
        std::array<float, 1> const x{number};
        auto const y = stream(x);
        return std::equal(y.begin(), y.end(), table.weight.value<float>().data() + 2 * of);
    };
    BOOST_TEST((row(2, 2) && row(2.9f, 2) && row(-1, 0) && row(4, 3) && row(1e30f, 3)));
    BOOST_TEST(own_test_of(table) == 0);
    BOOST_TEST((row(std::nanf(""), 0) && row(-std::numeric_limits<float>::infinity(), 0)));
}

BOOST_AUTO_TEST_CASE(are_refused_where_they_look_at_other_steps) {
    Params const p(5);
    std::string const both = complaint_of_stream(nn::LSTM(p / "a", 2, 3, {.bidirectional = true}));
    BOOST_TEST((both.find("layers.cpp:") == 0 && both.find("at the last step") != std::string::npos), both);
    BOOST_TEST(complaint_of_stream(nn::Layer<nn::RNNCell>(nn::RNNCell(p / "b", 2, 3), true)).find("last step") !=
               std::string::npos);
    std::string const model = complaint_of_stream(
        nn::Sequential(p / "c", nn::Input{2}, keras::Dense(2), [](Var x) -> Var { return cumsum(x, 0); }));
    BOOST_TEST((model.find("layers.cpp:") == 0 && model.find("layer 1, function: it may look") != std::string::npos),
               model);
    BOOST_CHECK_THROW(nn::Stream(nn::Sequential{nn::tanh}), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
