// Averages of parameters: those of PyTorch over 1,000 steps, and how they get in and out of a model.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

void follow(golden::Json const& stored, golden::Json const& expected, Averaging average, Params const& params) {
    Random random(14);
    Param& weight  = params["weight"];
    std::size_t at = 0;
    for (int t = 1; t <= 1000; ++t) {
        for (double& x : weight.mutable_value<double>()) x = random.uniform(-1, 1);
        average.update();
        if (t != stored[at]) continue;
        auto const in_place = average.in_place();
        BOOST_TEST_CONTEXT("step " << t)
        BOOST_TEST(golden::near(weight.value<double>(), golden::array<double>(expected[at++]), 1e-13));
    }
    BOOST_TEST(at == stored.size());
}

struct Fixture {
    Params params{0, float64};
    Param& a = params.constant("a", {2}, 1);
    double value() const { return a.value<double>()(1); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(averaging, Fixture)

BOOST_AUTO_TEST_CASE(is_that_of_pytorch) {
    golden::Json const file = golden::file("training");
    Params p(0, float64);
    p.zeros("weight", {2, 3});
    follow(file["stored"], file["averages"]["equal"], Averaging::equal(p), p);
    follow(file["stored"], file["averages"]["exponential"], Averaging::exponential(p, 0.97), p);
}

BOOST_AUTO_TEST_CASE(gets_in_and_out_of_the_model) {
    auto average = Averaging::equal(params);
    average.swap();  // there is none yet
    BOOST_TEST(!average.swapped());
    average.update();
    a.assign(4);
    average.update();
    {
        auto const in_place = average.in_place();
        BOOST_TEST(value() == 2.5);
        BOOST_TEST(average.swapped());
        BOOST_TEST(has(message<ValueError>([&] { average.update(); }), "averaging.cpp:"));
        BOOST_CHECK_THROW(static_cast<void>(average.in_place()), ValueError);
    }
    BOOST_TEST(value() == 4);
    BOOST_TEST(average.updates() == 2);
}

BOOST_AUTO_TEST_CASE(makes_older_recordings_stale) {
    auto average = Averaging::exponential(params, 0.5);
    average.update();
    Tape tape(float64);
    Var loss = sum(square(tape.lift(a)));
    average.swap();
    BOOST_CHECK_THROW(backward(loss), TapeError);
}

BOOST_AUTO_TEST_CASE(forgets_what_was_infinite_at_first) {  // 0 · ∞ would be NaN
    a.assign(std::numeric_limits<double>::infinity());
    auto average = Averaging::exponential(params, 0.5);
    average.update();
    average.swap();
    BOOST_TEST(value() == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(refuses_a_decay_outside_its_range) {
    BOOST_TEST(has(message<ValueError>([&] { Averaging::exponential(params, 1); }),
                   "Averaging: decay is 1, but must be in [0, 1)"));
    BOOST_CHECK_THROW(Averaging::exponential(params, std::nan("")), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
