// Long short-term memory: against PyTorch, against its equations, and its errors.
#include <nn/cells.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

BOOST_AUTO_TEST_SUITE(lstm)

BOOST_AUTO_TEST_CASE(has_the_outputs_and_gradients_of_pytorch) { compare_with_pytorch<nn::LSTMCell>("lstm"); }
BOOST_AUTO_TEST_CASE(has_them_without_biases) { compare_with_pytorch<nn::LSTMCell>("lstm_no_bias"); }
BOOST_AUTO_TEST_CASE(has_them_where_every_size_is_one) { compare_with_pytorch<nn::LSTMCell>("lstm_degenerate"); }

BOOST_AUTO_TEST_CASE(is_its_textbook_equations) {
    compare_with_textbook<nn::LSTMCell>([](Params const& p, Var x, nn::LSTMCell::State s) -> nn::LSTMCell::State {
        auto sum_of = [&](Index k) { return GateSums(p, x, s.h, k, 4); };
        auto a = sum_of(0), b = sum_of(1), d = sum_of(2), e = sum_of(3);
        Var i = sigmoid(a.x + a.h);
        Var f = sigmoid(b.x + b.h);
        Var g = tanh(d.x + d.h);
        Var o = sigmoid(e.x + e.h);
        Var c = f * s.c + i * g;
        Var h = o * tanh(c);
        return {h, c};
    });
}

BOOST_AUTO_TEST_CASE(takes_any_leading_axes) {
    Params p(1, float64);
    nn::LSTMCell cell(p, 4, 6);
    Tape tape(float64);
    auto const xs = numbers({2, 3, 4}, 1), hs = numbers({2, 3, 6}, 2), cs = numbers({2, 3, 6}, 3);
    nn::LSTMCell::State s = cell(tape.input(xs), {tape.input(hs), tape.input(cs)});
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            auto row                = [&](auto const& a) { return tape.input(xt::xarray<double>(xt::view(a, i, j))); };
            nn::LSTMCell::State one = cell(row(xs), {row(hs), row(cs)});
            BOOST_TEST(golden::near(one.h.value<double>(), xt::view(s.h.value<double>(), i, j), 1e-13));
            BOOST_TEST(golden::near(one.c.value<double>(), xt::view(s.c.value<double>(), i, j), 1e-13));
        }
}

BOOST_AUTO_TEST_CASE(starts_from_zeros) {
    Params p;
    nn::LSTMCell cell(p, 4, 6);
    Tape tape;
    nn::LSTMCell::State const s = cell.zeros(tape, 3);
    BOOST_TEST(golden::near(s.h.value<float>(), xt::zeros<float>({3, 6}), 0));
    BOOST_TEST(golden::near(s.c.value<float>(), xt::zeros<float>({3, 6}), 0));
    BOOST_TEST(!s.h.requires_grad());
}

BOOST_AUTO_TEST_CASE(refuses_a_state_of_another_shape) {
    Params p;
    nn::LSTMCell cell(p, 4, 6);
    Tape tape;
    Var x = tape.input(numbers({3, 4}, 1), "x"), h = tape.input(numbers({3, 6}, 1), "h0"),
        c     = tape.input(numbers({6}, 1), "c0");
    auto size = tape.size();
    auto m    = message<ShapeError>([&] { cell(x, {h, c}); });
    BOOST_TEST(has(m, "lstm.cpp:"));
    BOOST_TEST(has(
        m, "lstm: c0 lacks the axis of the batch, which is 3 in x\n    expected  x [...,4]  h [...,6]  c [...,6]\n"));
    BOOST_TEST(has(m, "      c0  [6]"));
    BOOST_TEST(tape.size() == size);
    BOOST_CHECK_THROW(cell(x, {tape.input(numbers({3, 5}, 1)), h}), ShapeError);
    BOOST_CHECK_THROW(cell(tape.input(numbers({3, 5}, 1)), {h, h}), ShapeError);
    BOOST_CHECK_THROW(cell(tape.input(numbers({2, 4}, 1)), {h, h}), ShapeError);
    BOOST_CHECK_THROW(cell(tape.input(numbers({4}, 1)), {h, h}), ShapeError);
    BOOST_CHECK_THROW(cell(tape.input(1.0), {h, h}), ShapeError);
    BOOST_CHECK_THROW(cell(Var(), {h, h}), TapeError);
}

BOOST_AUTO_TEST_CASE(refuses_sizes_below_one) {
    Params p;
    auto m = message<ValueError>([&] { nn::LSTMCell(p / "encoder.lstm", 4, 0); });
    BOOST_TEST(has(m, "lstm.cpp:"));
    BOOST_TEST(has(m, "LSTMCell encoder.lstm: hidden is 0, but must be at least 1"));
    BOOST_TEST(has(message<ValueError>([&] { nn::LSTMCell(p, -3, 2); }), "LSTMCell: in is -3, but must be at least 1"));
    BOOST_TEST(p.all().empty());
}

BOOST_AUTO_TEST_SUITE_END()
