// The convolutional LSTM: an LSTM at each place, which sees what is beside it.
#include <boost/test/unit_test.hpp>
#include <cells/conv_lstm.hpp>
#include <examples/drawn.hpp>

using namespace unspool;

namespace {

/// Films [5,16,1,9,9] of one bright dot, which goes on by one place, up, down, left or right, and comes back at the other side.
xt::xarray<double> moving_dots(std::uint64_t seed) {
    xt::xarray<double> out = xt::zeros<double>({5, 16, 1, 9, 9});
    Random random(seed);
    for (std::size_t b = 0; b < 16; ++b) {
        std::size_t const row = random.below(9), column = random.below(9), way = random.below(2),
                          step = random.below(2) ? 1 : 8;
        for (std::size_t t = 0; t < 5; ++t)
            out(t, b, 0, (row + way * step * t) % 9, (column + (1 - way) * step * t) % 9) = 1;
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv_lstm)

BOOST_AUTO_TEST_CASE(has_the_gradients_of_its_values) {
    Params p(1, float64);
    ConvLSTM const cell(p, 2, 2, 3, 4, 3);
    auto const run = [&](Tape& t, auto in) -> Var {
        auto const [hs, s] = core::scan(cell, in[0], cell.zeros(t, 2));
        std::vector<Var> all(hs.begin(), hs.end());
        all.push_back(s.c);
        return core::stack(all);
    };
    BOOST_TEST(gradcheck(run, {{"xs", drawn({3, 2, 2, 4, 3}, 1)}}, p, {.jitter = 0.1}));
}

BOOST_AUTO_TEST_CASE(is_an_lstm_with_peepholes_where_an_image_is_a_pixel) {
    Params p(2, float64);
    ConvLSTM const cell(p / "conv", 3, 4, 1, 1, 1);
    nn::LSTMCell const lstm(p / "lstm", 3, 4, {.peepholes = true});
    auto const set = [&](Param& to, char const* from, std::vector<std::size_t> const& shape) {
        to.assign(xt::reshape_view((p / "lstm")[from].value<double>(), shape));
    };
    set(cell.Wx, "weight_ih_l0", {16, 3, 1, 1}), set(cell.Wh, "weight_hh_l0", {16, 4, 1, 1});
    set(cell.wci, "weight_ci_l0", {4, 1, 1}), set(cell.wcf, "weight_cf_l0", {4, 1, 1});
    set(cell.wco, "weight_co_l0", {4, 1, 1}), set(cell.b, "bias_ih_l0", {16, 1, 1});
    (p / "lstm")["bias_hh_l0"].assign(0);
    Tape tape(float64);
    auto const xs       = drawn({5, 2, 3, 1, 1}, 3);
    auto const got      = core::scan(cell, tape.constant(xs), cell.zeros(tape, 2)).state;
    auto const expected = core::scan(lstm, tape.constant(xt::reshape_view(xs, {5, 2, 3})), lstm.zeros(tape, 2)).state;
    BOOST_TEST(xt::allclose(xt::reshape_view(got.h.value<double>(), {2, 4}), expected.h.value<double>()));
}

/// Squared errors in an image: 0.75 of who has seen the last one only, after which the dot is at one of four places.
BOOST_AUTO_TEST_CASE(sees_where_things_go) {
    Params p(3);
    ConvLSTM const cell(p / "cell", 1, 8, 3, 9, 9);
    Param const& out = p.uniform("out", {1, 8, 3, 3}, -0.1, 0.1);
    Adam adam(p, {.rate = 0.01});
    double missed = 0;
    for (std::uint64_t k = 0; k < 150; ++k) {
        Tape tape;
        Var const xs  = tape.constant(moving_dots(k));
        auto const hs = core::scan(cell, slice(xs, 0, 0, 4), cell.zeros(tape, 16)).outputs;
        Var l         = tape.constant(0);
        for (Index t = 1; t < 4; ++t)
            l = l + sum(square(conv2d(hs[static_cast<std::size_t>(t)], out, {.padding = 1}) - xs[t + 1])) / (3 * 16);
        adam.step(backward(l));
        missed = k < 140 ? 0 : missed + l.item() / 10;
    }
    BOOST_TEST(missed < 0.5, missed);
}

BOOST_AUTO_TEST_SUITE_END()
