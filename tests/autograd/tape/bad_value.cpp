// The first value that goes wrong: found afterwards, or on the spot.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <unspool/autograd/tape/bad_value.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

double const infinity = std::numeric_limits<double>::infinity(), not_a_number = std::nan("");

template <class F> std::string message(F&& f) {
    try {
        f();
    } catch (ValueError const& e) { return e.what(); }
    return "no error";
}

bool has(std::string const& text, std::string const& part) {
    if (text.find(part) == text.npos) BOOST_TEST_MESSAGE(text);
    return text.find(part) != text.npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bad_values)

BOOST_AUTO_TEST_CASE(the_first_one_is_described) {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{{1, -2, 800}, {3, 900, 0}}, "x"),
              w = tape.constant(xt::xarray<double>{1, 2, 1}, "w");
    Scope const module(tape, "net"), step(tape, 7);
    Var const y    = exp(x) * w;
    Var const z    = y - y;  // NaN, but later
    auto const bad = first_bad_value(tape);
    BOOST_REQUIRE(bad.has_value());
    BOOST_TEST(bad->site.node == y.window().node);
    BOOST_TEST(text(*bad) ==
               "bad_value.cpp:" + std::to_string(bad->site.where.line) +
                   ": y = exp(x) * w is inf at [0,2], one of 2 such among 6 elements, in net, time step 7\n"
                   "    x  [2,3]  from -2 to 900\n"
                   "    w  [3]  from 1 to 2");
    BOOST_TEST(bad->range.infinite == 2);
    BOOST_TEST(bad->range.low == 2 * std::exp(-2));
    BOOST_TEST(bad->range.high == std::exp(3));
    BOOST_TEST(has(text(*bad_value(tape, z.window().node, infinity)), "z = y - y is nan at [0,2]"));
}

BOOST_AUTO_TEST_CASE(bounds_and_leaves) {
    Tape tape;
    Var const x = tape.input(xt::xarray<float>{1, 2, -50}, "x");
    Var const y = 2 * x;
    BOOST_TEST(!first_bad_value(tape).has_value());
    BOOST_TEST(!first_bad_value(tape, 100).has_value());  // at the bound
    BOOST_TEST(has(text(*first_bad_value(tape, 99)),
                   "y = 2 * x is -100 at [2], above the bound 99\n    x  [3]  from -50 to 2"));
    BOOST_TEST(has(text(*first_bad_value(tape, 49)), "input x is -50 at [2], above the bound 49"));
    BOOST_CHECK_THROW(first_bad_value(tape, -1), ValueError);
    BOOST_CHECK_THROW(first_bad_value(tape, not_a_number), ValueError);

    Params params;
    Param& p = (params / "net").constant("p", {}, infinity);
    Tape other;
    other.lift(p);
    BOOST_TEST(text(*first_bad_value(other)) == "parameter net.p is inf");
}

BOOST_AUTO_TEST_CASE(a_checking_tape_throws_on_the_spot) {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{1, 0}, "x");
    tape.check_values(10);
    NodeId const before = tape.size();
    BOOST_TEST(has(message([&] { Var y = log(x); }), "y = log(x) is -inf at [1]\n    x  [2]  from 0 to 1"));
    BOOST_TEST(has(message([&] { Var y = 11 * x; }), "is 11 at [0], above the bound 10"));
    BOOST_TEST(has(message([&] { Var y = sum(6 * x + 6 * x); }), "is 12, above the bound 10"));
    BOOST_TEST(has(message([&] { Var y = concat({x, log(x)}); }), "log(x) is -inf"));
    BOOST_TEST(has(message([&] { Var z = matmul(11 * reshape(x, {1, 2}), reshape(x, {2, 1})); }), "is 11"));
    BOOST_TEST(has(message([&] { tape.input(not_a_number, "z"); }), "input z is nan"));
    BOOST_TEST(has(message([&] { tape.constant(not_a_number); }), "constant"));
    BOOST_TEST(tape.size() == before);  // nothing of it is on the tape
    {
        Pause const pause(tape);
        Var const y = 11 * x;
    }
    Var const fine = 2 * x;
    BOOST_TEST(tape.size() == before + 1);
    tape.do_not_check_values();
    Var const y = log(x);
    BOOST_TEST(first_bad_value(tape)->site.node == y.window().node);
    BOOST_CHECK_THROW(tape.check_values(-1), ValueError);
}

// The tape that refused a parameter lifts it when it is good again.
BOOST_AUTO_TEST_CASE(a_refused_parameter_can_be_lifted_later) {
    Params params(0, float64);
    Param& p = params.constant("p", {2}, not_a_number);
    Tape tape(float64);
    tape.check_values();
    Var const x = tape.input(1.0, "x");
    BOOST_TEST(has(message([&] { Var y = x * p; }), "parameter p is nan at [0], one of 2 such"));
    Var const z = 2 * x;  // has the place that the parameter had
    p.assign(3.0);
    Var const y = x * p;
    BOOST_TEST(y.value<double>()(1) == 3);
    BOOST_TEST(backward(sum(y))[p].value<double>()(0) == 1);
}

BOOST_AUTO_TEST_CASE(the_neighbourhood_is_drawn_with_the_culprit_in_red) {
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{1, 0}, "x");
    Var const a = 2 * x, y = log(a), z = y + 1;
    std::string const dot = neighbourhood(tape, *first_bad_value(tape)).dot();
    BOOST_TEST(has(dot, "<b>y\u00a0</b>"));
    BOOST_TEST(has(dot, "<b>a\u00a0</b>"));
    BOOST_TEST(has(dot, "#d01010"));
    BOOST_TEST(!has(dot, "<b>z\u00a0</b>"));

    Tape other(float64);
    Var const bad = other.input(infinity, "bad"), c = other.input(1.0, "c");
    Var const u = 2 * c, v = u * bad;
    std::string const leaf = neighbourhood(other, *first_bad_value(other)).dot();
    BOOST_TEST(has(leaf, "<b>v\u00a0</b>"));
    BOOST_TEST(has(leaf, "<b>bad</b>"));
}

BOOST_AUTO_TEST_SUITE_END()
