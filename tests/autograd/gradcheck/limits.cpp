// Where a gradient check sees little: gradients below rounding, the ends of domains, kinks, jumps.  It neither passes there
// what it did not judge, nor accuses what is right.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;
using Array1 = xt::xarray<double>;

namespace {

struct BadLog {
    static constexpr auto name = "bad_log";
    template <class V> static V f(V x) { return log(x); }
    template <class V> static V df(V x, V) { return V(2) / x; }
};

Array1 const points{0.3, -0.7, 1.1};

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_limits)

// ---- infinite numbers ----

/// A softmax of a list, but for the derivative.
struct BadNormal {
    static constexpr auto name = "bad_normal";
    template <class V> static V f(V a, V b) { return exp(a) / (exp(a) + exp(b)); }
    template <class V> static Pair<V> df(V, V, V y) { return {y, -y}; }
};

BOOST_AUTO_TEST_CASE(a_mask_of_minus_infinity_is_no_obstacle) {
    double const inf = std::numeric_limits<double>::infinity();
    auto const mask  = [=](Var x) { return x.tape().constant(Array1{0, -inf, 0}) + x; };
    BOOST_TEST(report_of([=](Var x) { return sum(square(softmax(mask(x)))); }, points));
    BOOST_TEST(report_of([=](Var x) { return logsumexp(mask(x)); }, points));
    GradReport const wrong =
        report_of([=](Var x) { return sum(square(apply<BadNormal>(mask(x), flip(x, 0)))); }, points);
    BOOST_TEST(wrong.inputs[0].wrong > 0, wrong);
    BOOST_TEST(!wrong.culprits.empty(), wrong);
}

BOOST_AUTO_TEST_CASE(a_check_comes_to_an_end_wherever_it_is_made) {
    double const inf = std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::max();
    std::vector<std::function<Var(Var)>> const functions{[](Var x) { return tanh(x); },
                                                         [](Var x) { return exp(x); },
                                                         [](Var x) { return softmax(x); },
                                                         [](Var x) { return sum(slice(x, 0, 1, 3)); },
                                                         [](Var x) { return pow(x - 1e-312, 1.5); },
                                                         [](Var x) { return Var(x * x); },
                                                         [](Var x) { return log_softmax(x); },
                                                         [](Var x) { return sigmoid(0.5 * x); }};
    for (double at : {inf, -inf, double(NAN), most, -most, 1e-312, 5e-324, 0.0, 1e300, -1e300, 1e20, -1e20, -1e9, -1e7,
                      -1e6, -1e5, -1e4, 1e4, 1e6})
        for (std::size_t k = 0; k < functions.size(); ++k)
            for (int directions : {0, 2}) {
                GradReport const r = gradcheck([&](Tape&, Inputs x) { return functions[k](x[0]); },
                                               {{"x", Array1{at, 0.5, -0.25}}}, {.directions = directions});
                for (auto const& x : r.inputs) BOOST_TEST(x.wrong == 0, "function " << k << " at " << at << "\n" << r);
            }
}

BOOST_AUTO_TEST_CASE(options_that_compare_nothing_are_refused) {
    double const inf = std::numeric_limits<double>::infinity();
    auto const said  = [](GradcheckOptions const& o) -> std::string {
        try {
            gradcheck([](Tape&, Inputs x) -> Var { return sin(x[0]); }, {{"x", points}}, o);
        } catch (ValueError const& e) {
            std::string const what = e.what(), file = "limits.cpp:";
            return what.starts_with(file) ? what.substr(what.find(": ") + 2) : "no line: " + what;
        }
        return "";
    };
    for (double step : {0.0, -1e-3, inf, double(NAN)})
        BOOST_TEST(said({.step = step}) == fmt::format("gradcheck: step is {}, but must be finite and above 0", step));
    BOOST_TEST(said({.relative = -1}) == "gradcheck: relative is -1, but must be 0 or above");
    BOOST_TEST(said({.absolute = NAN}) == "gradcheck: absolute is nan, but must be 0 or above");
    BOOST_TEST(said({.jitter = inf}) == "gradcheck: jitter is inf, but must be finite, and 0 or above");
    BOOST_TEST(said({}) == "");
}

// ---- small gradients ----

BOOST_AUTO_TEST_CASE(a_function_is_judged_alike_whatever_its_scale) {
    for (double scale : {1e-20, 1e-12, 1e-9, 1e-6, 1.0, 1e6}) {
        GradReport const wrong = report_of([=](Var x) { return scale * mean(apply<BadSin>(x)); }, points);
        BOOST_TEST(wrong.inputs[0].wrong == 3, scale);
        BOOST_TEST(wrong.worst_error() == 2, boost::test_tools::tolerance(1e-6));
        GradReport const right = report_of([=](Var x) { return scale * mean(sin(x)); }, points);
        BOOST_TEST(right, scale);
        BOOST_TEST(right.checked() == 3);
        BOOST_TEST(right.worst_error() < 1e-8);
        BOOST_TEST(right.warnings.empty(), right);
    }
}

BOOST_AUTO_TEST_CASE(each_element_of_the_result_has_a_scale_of_its_own) {
    auto const f = [](Var x) -> Var { return stack({x, Var(1e-9 * apply<BadSin>(x))}); };
    BOOST_TEST(report_of(f, points).inputs[0].wrong == 3);
}

BOOST_AUTO_TEST_CASE(a_small_gradient_that_is_lost_is_found) {
    auto const f = [](Var x) -> Var { return 1e-9 * x.detach() * 1.0 + 0 * x; };
    BOOST_TEST(report_of(f, points).inputs[0].wrong == 3);
}

BOOST_AUTO_TEST_CASE(what_rounding_hides_does_not_pass) {
    for (auto const& r : {report_of([](Var x) { return sum(apply<BadSin>(x)) * 1e-3 + 1e9; }, points),
                          report_of([](Var x) { return sum(sin(x)) * 1e-3 + 1e9; }, points)}) {
        BOOST_TEST(!r.passed());
        BOOST_TEST(r.checked() == 0);
        BOOST_TEST(r.unresolved() == 3);
        BOOST_TEST(r.culprits.empty());
        BOOST_TEST(says(r, "gradcheck failed: 0 checked, 3 unresolved\n"), r);
        BOOST_TEST(says(r, "nothing could be judged: hidden by rounding"), r);
    }
}

BOOST_AUTO_TEST_CASE(elements_that_rounding_hides_are_counted_and_warned_of) {
    Array1 const weights{1, 1e-11, 1e-12};
    GradReport const r =
        gradcheck([&](Tape& t, Inputs x) -> Var { return sum(sin(x[0]) * t.constant(weights)); }, {{"x", points}});
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 1);
    BOOST_TEST(r.unresolved() == 2);
    BOOST_TEST(r.inputs[0].worst.at == "[0]");
    BOOST_TEST(r.unjudged.size() == 2u);
    BOOST_TEST(says(r, "skipped  x[1]: cannot be resolved: hidden by rounding ("), r);
    BOOST_TEST(says(r, "warning: 2 of x could not be judged"), r);
}

BOOST_AUTO_TEST_CASE(zeros_are_right) {
    Array1 const weights{1, 0, 0};
    GradReport const r =
        gradcheck([&](Tape& t, Inputs x) -> Var { return sum(sin(x[0]) * t.constant(weights)); }, {{"x", points}});
    BOOST_TEST(r.checked() == 3);
    BOOST_TEST(r.warnings.empty());
    for (int power = 2; power < 7; ++power)
        BOOST_TEST(report_of([=](Var x) { return sum(pow(x, power)); }, Array1{0, 0.5}).checked() == 2, power);
    GradReport const constant = report_of([](Var x) { return sum(softmax(x)); }, points);  // but for rounding
    BOOST_TEST(constant);
    BOOST_TEST(constant.warnings.size() == 1u, constant);
    BOOST_TEST(report_of([](Var x) { return tanh(x); }, Array1{25}));
    BOOST_TEST(report_of([](Var x) { return 1 - sigmoid(x); }, Array1{10, 30}).inputs[0].wrong == 0);
}

BOOST_AUTO_TEST_CASE(rounding_within_a_function_excuses_no_wrong_sign) {
    GradReport const wrong = report_of([](Var x) -> Var { return (apply<BadSin>(x) + 1e9) - 1e9; }, points);
    BOOST_TEST(wrong.inputs[0].wrong == 3);
    BOOST_TEST(wrong.culprits.size() == 1u);
    GradReport const right = report_of([](Var x) -> Var { return (sin(x) + 1e9) - 1e9; }, points);
    BOOST_TEST(right.inputs[0].wrong == 0, right);
    BOOST_TEST(right.culprits.empty());
}

// ---- the ends of domains ----

BOOST_AUTO_TEST_CASE(the_step_shrinks_with_the_value) {
    auto const judged = [](char const* what, auto f, Array1 const& x) {
        GradReport const r = report_of(f, x);
        BOOST_TEST(r, what << "\n" << r);
        BOOST_TEST(static_cast<std::size_t>(r.checked()) == x.size(), what << "\n" << r);
        BOOST_TEST(r.worst_error() < 1e-6, what);
    };
    judged("log", [](Var x) { return log(x); }, {1e-8, 1e-9, 1e-12, 1e-30, 1});
    judged("sqrt", [](Var x) { return sqrt(x); }, {1e-8, 1e-12, 1e-20});
    judged("1/x", [](Var x) { return 1 / x; }, {1e-8, -1e-12, 1e-12});
    judged("asin", [](Var x) { return asin(x); }, {0.99999999, -0.9999999, 0.5});
    judged("sum of logs", [](Var x) { return sum(log(x)); }, {1e-9, 1e-12});
    judged("pow", [](Var x) { return pow(x, 1.5); }, {1e-12});
    BOOST_TEST(report_of([](Var x) { return apply<BadLog>(x); }, {1e-8, 1e-9, 1e-12}).inputs[0].wrong == 3);
}

BOOST_AUTO_TEST_CASE(right_nodes_are_not_blamed_beside_wrong_ones) {
    GradReport const r = report_of(
        [](Var x) {
            return concat({Var(asin(1 - x)), Var(log(x)), Var(1 / x), Var(apply<BadSin>(x))});
        },
        {1e-8});
    BOOST_TEST(!r.passed());
    for (auto const& c : r.culprits) BOOST_TEST(text(c.site).find("bad_sin") != std::string::npos, r);
}

BOOST_AUTO_TEST_CASE(at_the_end_of_a_domain_nothing_is_said_and_no_one_blamed) {
    GradReport const r = report_of([](Var x) -> Var { return x * sqrt(x + 1e-300); }, {0.0, 0.5});
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 1);
    BOOST_TEST(r.unresolved() == 1);
    BOOST_REQUIRE(r.unjudged.size() == 1u);
    BOOST_TEST(r.unjudged[0].why.starts_with("cannot be resolved: the function is not finite beside it"), r);
    BOOST_TEST(r.unjudged[0].site.formula.find("sqrt") != std::string::npos);
    GradReport const all = report_of([](Var x) -> Var { return x * sqrt(x + 1e-300); }, {0.0});
    BOOST_TEST(says(all, "nothing could be judged") == !all.passed());
    BOOST_TEST(all.culprits.empty());
    BOOST_TEST(!says(all, "engine"));
}

// ---- kinks ----

BOOST_AUTO_TEST_CASE(kinks_are_listed_where_the_rule_takes_the_middle_slope) {
    auto const listed = [](char const* what, auto f, Array1 const& x, Index kinks) {
        GradReport const r = report_of(f, x);
        BOOST_TEST(r, what);
        BOOST_TEST(r.kinks() == kinks, what << "\n" << r);
        BOOST_REQUIRE(static_cast<Index>(r.skipped.size()) == kinks);
        for (auto const& k : r.skipped) BOOST_TEST(k.site.formula.find(what) != std::string::npos, k.site.formula);
        for (auto const& k : r.skipped) BOOST_TEST(k.why == "kink");
    };
    listed(
        "abs", [](Var x) { return abs(x); }, {0.5, 0, -1}, 1);
    listed(
        "abs", [](Var x) { return abs(x) + square(x) + exp(x); }, {0, 1}, 1);
    listed(
        "abs", [](Var x) { return 1e-9 * sum(abs(x)); }, {0, 1}, 1);
    listed(
        "max", [](Var x) { return maximum(x, 1 - x); }, {0.5, 2}, 1);
    listed(
        "min", [](Var x) { return minimum(x, 1 - x); }, {0.5, 2}, 1);
    listed(
        "max", [](Var x) { return max(x); }, {1, 1}, 2);
    listed(
        "max", [](Var x) { return max(x); }, {1, 1, 1}, 3);
    listed(
        "max", [](Var x) { return max(x); }, {1, 2, 2}, 2);
}

BOOST_AUTO_TEST_CASE(curvature_is_no_kink) {
    for (double scale : {1e-6, 1.0, 1e3})
        for (double at : {0.0, 1e-7, 0.3, 5.0}) {
            GradReport const r =
                report_of([=](Var x) { return square(scale * x) + exp(x) + cos(scale * x); }, Array1{at});
            BOOST_TEST(r);
            BOOST_TEST(r.kinks() == 0, scale << ", " << at << "\n" << r);
        }
}

// ---- jumps ----

BOOST_AUTO_TEST_CASE(jumps_are_skipped_and_listed) {
    GradReport const r = report_of([](Var x) { return floor(x); }, {-1, 0.5, 3});
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 1);
    BOOST_TEST(r.kinks() == 2);
    BOOST_REQUIRE(r.skipped.size() == 2u);
    BOOST_TEST(r.skipped[0].why == "the function jumps");
    BOOST_TEST(r.skipped[0].site.op == "floor");
    BOOST_TEST(says(r, "skipped  x[2]: the function jumps at %1 = floor(x)"), r);
    BOOST_TEST(report_of([](Var x) { return sign(x); }, {0, 1}).kinks() == 1);
    GradReport const both = report_of([](Var x) -> Var { return floor(x) + sin(x); }, {-1, 0, 3, 0.25});
    BOOST_TEST(both);
    BOOST_TEST(both.kinks() == 3);
}

BOOST_AUTO_TEST_CASE(a_wrong_function_fails_at_and_beside_a_jump) {
    GradReport const at = report_of([](Var x) -> Var { return floor(x) + apply<BadSin>(x); }, {-1, 3});
    BOOST_TEST(at.inputs[0].wrong == 2, at);
    BOOST_TEST(at.inputs[0].worst.remark == "the slope of the side that it belongs to is another");
    BOOST_TEST(at.inputs[0].worst.numeric == -at.inputs[0].worst.backward, boost::test_tools::tolerance(1e-3));
    BOOST_REQUIRE(at.culprits.size() == 1u);
    GradReport const beside =
        report_of([](Var x) -> Var { return floor(x) + apply<BadSin>(x); }, {-1 + 1e-5, 3 - 1e-6});
    BOOST_TEST(beside.inputs[0].wrong == 2);
}

BOOST_AUTO_TEST_SUITE_END()
