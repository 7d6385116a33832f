// The gated recurrent unit: against PyTorch, against its equations, and its errors.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

BOOST_AUTO_TEST_SUITE(gru)

BOOST_AUTO_TEST_CASE(has_the_outputs_and_gradients_of_pytorch) { compare_with_pytorch<nn::GRUCell>("gru"); }

BOOST_AUTO_TEST_CASE(is_its_textbook_equations) {
    compare_with_textbook<nn::GRUCell>([](Params const& p, Var x, Var h) -> Var {
        auto sum_of = [&](Index k) { return GateSums(p, x, h, k, 3); };
        auto a = sum_of(0), b = sum_of(1), d = sum_of(2);
        Var r = sigmoid(a.x + a.h);
        Var z = sigmoid(b.x + b.h);
        Var n = tanh(d.x + r * d.h);
        return (1 - z) * n + z * h;
    });
}

BOOST_AUTO_TEST_CASE(can_do_without_biases) {
    Params p(1, float64), q(1, float64);
    nn::GRUCell with(p, 4, 6), without(q, 4, 6, {.bias = nn::no_bias});
    BOOST_TEST(q.all().size() == 2u);
    p["bias_ih_l0"].assign(0), p["bias_hh_l0"].assign(0);
    for (char const* name : {"weight_ih_l0", "weight_hh_l0"}) q[name].assign(p[name].value<double>());
    Tape tape(float64);
    Var x = tape.input(numbers({3, 4}, 1)), h = tape.input(numbers({3, 6}, 2));
    BOOST_TEST(golden::near(without(x, h).value<double>(), with(x, h).value<double>(), 1e-14));
}

BOOST_AUTO_TEST_CASE(refuses_a_state_of_another_shape) {
    Params p;
    nn::GRUCell cell(p, 4, 6);
    Tape tape;
    Var x = tape.input(numbers({3, 4}, 1), "x");
    BOOST_TEST(has(message<ShapeError>([&] {
                       cell(x, tape.input(numbers({3, 5}, 1), "h0"));
                   }),
                   "gru: the input and the state do not fit\n    expected  x [...,4]  h [...,6]\n      x   [3,4]\n     "
                   " h0  [3,5]"));
}

BOOST_AUTO_TEST_SUITE_END()
