// The Elman cell: against PyTorch, against its equation, and its errors.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

BOOST_AUTO_TEST_SUITE(rnn)

BOOST_AUTO_TEST_CASE(has_the_outputs_and_gradients_of_pytorch) { compare_with_pytorch<nn::RNNCell>("rnn"); }

BOOST_AUTO_TEST_CASE(is_its_textbook_equation) {
    compare_with_textbook<nn::RNNCell>([](Params const& p, Var x, Var h) -> Var {
        GateSums const a(p, x, h, 0, 1);
        return tanh(a.x + a.h);
    });
}

BOOST_AUTO_TEST_CASE(names_its_parameters_as_pytorch) {
    Params p;
    nn::RNNCell cell(p / "rnn", 3, 5);
    BOOST_TEST(paths(p) == (std::vector<std::string>{"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0",
                                                     "rnn.bias_hh_l0"}),
               boost::test_tools::per_element());
    BOOST_TEST(text(p["rnn.weight_ih_l0"].shape()) == "[5,3]");
    BOOST_TEST(text(p["rnn.weight_hh_l0"].shape()) == "[5,5]");
}

BOOST_AUTO_TEST_CASE(refuses_a_state_of_another_shape) {
    Params p;
    nn::RNNCell cell(p, 4, 6);
    Tape tape;
    Var x  = tape.input(numbers({3, 4}, 1), "x");
    auto m = message<ShapeError>([&] { cell(x, tape.input(numbers({3, 5}, 1), "h0")); });
    BOOST_TEST(has(m, "rnn.cpp:"));
    BOOST_TEST(has(m, "rnn: the input and the state do not fit\n    expected  x [...,4]  h [...,6]\n      x   [3,4]\n  "
                      "    h0  [3,5]"));
}

BOOST_AUTO_TEST_SUITE_END()
