// The first bad value of a recurrence, where steps compute in memory that was filled for the whole sequence.
#include <limits>
#include <nn/cells.hpp>
#include <unspool/autograd/tape/bad_value.hpp>

using namespace cells;

BOOST_AUTO_TEST_SUITE(bad_values_in_time)

BOOST_AUTO_TEST_CASE(the_step_is_blamed_and_not_the_projection_that_it_was_computed_in) {
    Params p(1, float64);
    nn::RNNCell const rnn(p, 3, 4);
    p["weight_hh_l0"].assign(xt::xarray<double>(xt::ones<double>({4, 4}) * 1e308));  // finite, but no product is
    p["bias_ih_l0"].assign(5.0);
    Tape tape(float64);
    Var const xs = tape.input(xt::xarray<double>(xt::ones<double>({5, 2, 3})), "xs");
    scan(rnn, xs, tape.input(xt::xarray<double>(xt::zeros<double>({2, 4})), "h0"), "rnn");
    bool hosted = false;
    for (Node const* n : tape.nodes()) hosted |= n->host != nullptr;
    BOOST_TEST(hosted);  // else this tests nothing
    auto const bad = first_bad_value(tape, std::numeric_limits<double>::max());
    BOOST_REQUIRE(bad.has_value());
    BOOST_TEST(bad->site.step == 1);  // in step 0, h is 0
    BOOST_TEST(bad->site.module == "rnn");
    BOOST_TEST(has(text(*bad), ": weight_ih_l0·xs[1] + bias_ih_l0 + weight_hh_l0·h + bias_hh_l0 is inf at [0,0]"));
    std::string const dot = neighbourhood(tape, *bad).dot();
    BOOST_TEST(has(dot, "#d01010"));
    BOOST_TEST(has(dot, "t = 1"));

    Tape checked(float64);
    checked.check_values();
    Var const again  = checked.input(xt::xarray<double>(xt::ones<double>({5, 2, 3})), "xs");
    auto const words = message<ValueError>([&] { scan(rnn, again, checked.zeros({2, 4}), "rnn"); });
    BOOST_TEST(has(words, "in rnn, time step 1"));
    BOOST_TEST(checked.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
