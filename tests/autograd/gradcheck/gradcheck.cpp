// The gradient check finds mistakes of every kind, says where they are, and does not cry wolf.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <sstream>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;
using Array1 = xt::xarray<double>;

namespace {

// ---- operations with mistakes in them ----

struct WrongSign {
    static constexpr auto name = "wrong_sign";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return y * y - V(1); }
};
struct WrongFactor {
    static constexpr auto name = "wrong_factor";
    template <class V> static V f(V x) { return x + x; }
    template <class V> static V df(V, V) { return V(1); }
};
struct SlightlyTooSteep {
    static constexpr auto name = "slightly_too_steep";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return (V(1) - y * y) + (V(1) - y * y) / V(10000); }
};
struct RightBesideZero {  // relu, but for its derivative at the kink, which is outside of the slopes at its sides
    static constexpr auto name = "right_beside_zero";
    template <class V> static V f(V x) { return Relu::f(x); }
    template <class V> static V df(V x, V) { return select(x == V(0), V(2), select(x > V(0), V(1), V(0))); }
};
struct TooSteepRelu {
    static constexpr auto name = "too_steep_relu";
    template <class V> static V f(V x) { return Relu::f(x); }
    template <class V> static V df(V x, V y) { return V(3) * Relu::df(x, y); }
};

/// The identity of a vector, with a rule that spoils the adjoint.
template <class Spoil> struct Spoiled {
    static constexpr auto name           = "spoiled";
    static constexpr Signature signature = "[n] -> [n]";
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=](Array<T> dx) {
            copy<T>(dx, g, WriteMode::add);
            Spoil{}(dx, g);
        }};
    }
};
struct OneElement {
    template <class T> void operator()(Array<T> dx, Array<T const> g) const { dx.data[3] += T(0.01) * g.data[3]; }
};
struct Swapped {  // each gets what another should: their sum is right
    template <class T> void operator()(Array<T> dx, Array<T const> g) const {
        std::reverse_copy(g.data, g.data + g.shape[0], dx.data);
    }
};
struct FromNeighbour {  // what one loses another gains: the sum is right
    template <class T> void operator()(Array<T> dx, Array<T const> g) const {
        dx.data[0] += g.data[0], dx.data[1] -= g.data[1];
    }
};

template <class Op> Var with(Var x) { return apply<Op>(x); }

/// A recurrent net with tanh, over the rows of x[0].
Var recurrent(Inputs x) {
    Var h = x[1];
    for (Index t = 0; t < x[0].size(0); ++t) h = tanh(linear(x[0][t], x[2]) + linear(h, x[3]));
    return h;
}
std::vector<GradInput> recurrent_inputs(std::size_t steps) {
    return {
        {"xs", Array1(matrix(steps, 3))}, {"h0", vector(2)}, {"W", matrix(2, 3)}, {"U", Array1(0.7 * matrix(2, 2))}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_)

BOOST_AUTO_TEST_CASE(right_gradients_pass_with_a_wide_margin) {
    GradReport const r = gradcheck([](Tape&, Inputs x) { return recurrent(x); }, recurrent_inputs(5));
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 15 + 2 + 6 + 4);
    BOOST_TEST(r.kinks() == 0);
    BOOST_TEST(r.worst_error() < 2e-8);
    BOOST_TEST(r.worst_error() > 0);
}

// ---- mistakes ----

BOOST_AUTO_TEST_CASE(a_wrong_sign_is_found) {
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return with<WrongSign>(x[0]); }, {vector(5)});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.inputs[0].wrong == 5);
    BOOST_TEST(r.worst_error() == 2, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_wrong_factor_is_found) {
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return with<WrongFactor>(x[0]); }, {vector(5)});
    BOOST_TEST(r.inputs[0].wrong == 5);
    BOOST_TEST(r.worst_error() == 0.5, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_too_large_by_a_ten_thousandth_is_found) {
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return with<SlightlyTooSteep>(x[0]); }, {vector(5)});
    BOOST_TEST(r.inputs[0].wrong == 5);
}

BOOST_AUTO_TEST_CASE(an_error_in_one_element_is_found_and_located) {
    GradReport const r =
        gradcheck([](Tape&, Inputs x) { return call(Spoiled<OneElement>{}, Where::here(), x[0]); }, {vector(7)});
    BOOST_TEST(r.inputs[0].wrong == 1);
    BOOST_TEST(r.inputs[0].worst.at == "[3]");
    BOOST_TEST(r.inputs[0].worst.backward == 1.01 * r.inputs[0].worst.numeric, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(mistakes_that_cancel_in_a_plain_sum_are_found) {
    BOOST_TEST(!gradcheck([](Tape&, Inputs x) { return call(Spoiled<Swapped>{}, Where::here(), x[0]); }, {vector(6)})
                    .passed());
    BOOST_TEST(
        !gradcheck([](Tape&, Inputs x) { return call(Spoiled<FromNeighbour>{}, Where::here(), x[0]); }, {vector(6)})
             .passed());
}

BOOST_AUTO_TEST_CASE(a_gradient_that_stops_is_found) {
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return x[0] * x[0].detach(); }, {vector(4)});
    BOOST_TEST(r.inputs[0].wrong == 4);
}

BOOST_AUTO_TEST_CASE(random_directions_find_an_error_in_one_element) {
    GradcheckOptions options;
    options.directions = 3;
    GradReport const r = gradcheck([](Tape&, Inputs x) { return call(Spoiled<OneElement>{}, Where::here(), x[0]); },
                                   {vector(50)}, options);
    BOOST_TEST(r.inputs[0].checked == 3);
    BOOST_TEST(r.inputs[0].wrong == 3);
    BOOST_TEST(says(r, " direction "));
    BOOST_TEST(
        !gradcheck([](Tape&, Inputs x) -> Var { return with<WrongSign>(x[0]); }, {vector(50)}, options).passed());
    BOOST_TEST(
        !gradcheck([](Tape&, Inputs x) { return call(Spoiled<Swapped>{}, Where::here(), x[0]); }, {vector(50)}, options)
             .passed());
}

BOOST_AUTO_TEST_CASE(random_directions_pass_what_is_right) {
    GradcheckOptions options;
    options.directions = 8;
    GradReport const r = gradcheck([](Tape&, Inputs x) { return recurrent(x); }, recurrent_inputs(9), options);
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 4 * 8);
    BOOST_TEST(r.worst_error() < 1e-7);
}

BOOST_AUTO_TEST_CASE(at_most_so_many_elements_are_chosen_at_random) {
    GradcheckOptions options;
    options.max_elements = 40;
    auto const f         = [](Tape&, Inputs x) { return call(Spoiled<OneElement>{}, Where::here(), x[0]); };
    GradReport const r   = gradcheck(f, {vector(50)}, options);
    BOOST_TEST(r.checked() == 40);
    int found = 0;
    for (options.seed = 0; options.seed < 20; ++options.seed)
        found += static_cast<int>(gradcheck(f, {vector(50)}, options).inputs[0].wrong);
    BOOST_TEST(found > 8);
    BOOST_TEST(found < 20);
}

// ---- no false alarms ----

BOOST_AUTO_TEST_CASE(curvature_scale_and_saturation_are_no_mistakes) {
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return 1 / x[0]; }, {Array1{0.01, -0.02, 3e4}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return log(x[0]); }, {Array1{1e-4, 1e-5, 1e5}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return tanh(x[0]); }, {Array1{-25, 18, 1e-9, 0}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return tanh(1e-6 * x[0]); }, {Array1{1e6, -3e5}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return tanh(300 * x[0]); }, {Array1{0.001, -0.004}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return exp(x[0]); }, {Array1{20, -30}}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return sum(1000 * x[0] * x[0]); }, {vector(2000)}));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return 1e-12 * x[0]; }, {vector(3)}));
}

BOOST_AUTO_TEST_CASE(long_sequences_pass) {
    GradReport const r = gradcheck([](Tape&, Inputs x) { return recurrent(x); }, recurrent_inputs(60));
    BOOST_TEST(r);
    BOOST_TEST(r.worst_error() < 1e-4, r);  // of gradients of 1e-8, which are told less exactly
    BOOST_TEST(says(r, "warning: the gradient by h0 is zero, or hidden by rounding: nothing of it could be judged"), r);
    BOOST_TEST(r.unresolved() > 0);  // those of the middle
}

BOOST_AUTO_TEST_CASE(empty_arrays_and_scalars_pass) {
    GradReport const none =
        gradcheck([](Tape&, Inputs x) -> Var { return x[0] * x[1]; }, {{"x", Array1::from_shape({0})}, 2.5});
    BOOST_TEST(none);
    BOOST_REQUIRE(!none.warnings.empty());
    BOOST_TEST(says(none, "warning: x is empty: nothing of it was checked"));
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return x[0] * x[0]; }, {{"s", 1.5}});
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 1);
}

// ---- kinks ----

BOOST_AUTO_TEST_CASE(elements_at_a_kink_are_skipped_and_counted) {
    GradReport const r =
        gradcheck([](Tape&, Inputs x) -> Var { return 3 * relu(x[0]); }, {Array1{0.5, 0, -0.25, 0, 2}});
    BOOST_TEST(r);
    BOOST_TEST(r.checked() == 3);
    BOOST_TEST(r.kinks() == 2);
    BOOST_TEST(says(r, "2 skipped at kinks"));
}

BOOST_AUTO_TEST_CASE(elements_beside_a_kink_do_not_fail) {
    GradReport const r = gradcheck([](Tape&, Inputs x) -> Var { return 3 * relu(x[0]); },
                                   {Array1{5e-6, -5e-6, 3e-7, -3e-7, 5e-8, -5e-8, 1e-9, -1e-9, 1e-12, 0.5}});
    BOOST_TEST(r);
    BOOST_TEST(r.inputs[0].checked >= 5);  // those farther away than the smallest step
}

BOOST_AUTO_TEST_CASE(several_kinks_at_once_are_skipped) {  // inputs of zeros, no bias
    GradReport const r =
        gradcheck([](Tape&, Inputs x) -> Var { return relu(linear(x[0], x[1])); },
                  {{"x", Array1{0, 0, 0}}, {"W", Array1{{1, -2, 0.5}, {-1, 0.7, 2}, {0.3, 1.1, -0.6}}}});
    BOOST_TEST(r.inputs[0].wrong == 0);
    BOOST_TEST(r.inputs[0].kinks == 3);
}

BOOST_AUTO_TEST_CASE(an_input_that_is_at_kinks_everywhere_is_warned_of) {
    std::string const warning =
        "x is at kinks or jumps everywhere: its gradients were only compared with the slopes at the sides";
    for (auto const& r : {gradcheck([](Tape&, Inputs x) -> Var { return relu(x[0]); }, {{"x", Array1{0, 0}}}),
                          gradcheck([](Tape&, Inputs x) -> Var { return max(x[0]); }, {{"x", Array1{1, 1, 1}}})}) {
        BOOST_TEST(r);
        BOOST_TEST(r.checked() == 0);
        BOOST_REQUIRE(r.warnings.size() >= 1u);
        BOOST_TEST(r.warnings.back() == warning);
    }
    BOOST_TEST(!gradcheck([](Tape&, Inputs x) -> Var { return with<RightBesideZero>(x[0]); }, {Array1{0, 0}}).passed());
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_is_not_taken_for_a_kink) {
    auto const steep =
        gradcheck([](Tape&, Inputs x) -> Var { return with<TooSteepRelu>(x[0]); }, {Array1{0.5, 1e-3, 1e-5, -0.5, 0}});
    BOOST_TEST(steep.inputs[0].wrong == 3);
    BOOST_TEST(steep.inputs[0].kinks == 1);
    auto const outside =
        gradcheck([](Tape&, Inputs x) -> Var { return with<RightBesideZero>(x[0]); }, {Array1{0.5, 0, -0.5}});
    BOOST_TEST(outside.inputs[0].wrong == 1);
    BOOST_TEST(outside.inputs[0].worst.at == "[1]");
    // nor does curvature, nor a small kink, excuse a mistake
    auto const curved = gradcheck([](Tape&, Inputs x) -> Var { return square(300 * with<SlightlyTooSteep>(x[0])); },
                                  {Array1{1e-3, -2e-3}});
    BOOST_TEST(curved.inputs[0].wrong == 2);
    auto const small =
        gradcheck([](Tape&, Inputs x) -> Var { return with<WrongSign>(x[0]) + 0.001 * relu(x[0]); }, {Array1{0, 0.4}});
    BOOST_TEST(small.inputs[0].wrong == 2);
}

// ---- what is not finite ----

BOOST_AUTO_TEST_CASE(values_that_are_not_finite_fail_and_are_named) {
    auto const result = gradcheck([](Tape&, Inputs x) -> Var { return log(x[0]); }, {Array1{1, 0}});
    BOOST_TEST(result.problem == "element 1 of the result is -inf");
    BOOST_TEST(!result.passed());
    auto const backward = gradcheck([](Tape&, Inputs x) -> Var { return sqrt(x[0]); }, {Array1{1, 0}});
    BOOST_TEST(backward.inputs[0].wrong == 1);
    BOOST_TEST(backward.inputs[0].worst.remark == "the backward value is not finite");
    BOOST_TEST(std::isinf(backward.worst_error()));
}

// ---- functions that cannot be checked ----

BOOST_AUTO_TEST_CASE(a_function_that_is_not_deterministic_fails) {
    int calls          = 0;
    GradReport const r = gradcheck([&](Tape&, Inputs x) -> Var { return x[0] * (1 + 0.5 * calls++); }, {Array1{2, 3}});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.problem == "the function is not deterministic: element 0 of its result is 2, then 3");
    int rows               = 2;
    GradReport const grows = gradcheck(
        [&](Tape& t, Inputs x) -> Var { return x[0] + t.constant(matrix(static_cast<std::size_t>(++rows), 1)); },
        {1.0});
    BOOST_TEST(grows.problem == "the function is not deterministic: its result has 3 elements, then 4");
}

BOOST_AUTO_TEST_CASE(nothing_to_differentiate_by_does_not_pass) {
    BOOST_TEST(!gradcheck([](Tape& t, Inputs) { return t.constant(1.0); }, {}).passed());
}

BOOST_AUTO_TEST_CASE(what_the_function_throws_is_passed_on) {
    Tape other(float64);
    BOOST_CHECK_THROW(gradcheck([](Tape&, Inputs x) { return matmul(x[0], x[0]); }, {matrix(2, 3)}), ShapeError);
    BOOST_CHECK_THROW(gradcheck([&](Tape&, Inputs) { return other.input(1.0); }, {1.0}), TapeError);
    BOOST_CHECK_THROW(gradcheck([](Tape&, Inputs) { return Var(); }, {1.0}), TapeError);
}

BOOST_AUTO_TEST_CASE(an_input_without_influence_must_have_gradient_zero) {
    GradReport const unused = gradcheck([](Tape&, Inputs x) -> Var { return x[0] * x[0]; }, {vector(2), vector(3)});
    BOOST_TEST(unused);
    BOOST_TEST(unused.inputs[1].checked == 3);
    BOOST_TEST(unused.inputs[1].worst.backward == 0);
    GradReport const constant = gradcheck([](Tape& t, Inputs) { return t.constant(3.0); }, {vector(2)});
    BOOST_TEST(constant);
    BOOST_TEST(constant.checked() == 2);
    // x - x.detach() is zero everywhere, but its gradient says one
    GradReport const claims = gradcheck([](Tape&, Inputs x) -> Var { return x[0] - x[0].detach(); }, {vector(3)});
    BOOST_TEST(claims.inputs[0].wrong == 3);
}

// ---- parameters ----

BOOST_AUTO_TEST_CASE(parameters_are_checked_in_double_and_left_as_they_were) {
    Params p(3, float32);
    Param& w = p.uniform("w", {3, 2}, -1, 1);
    Param& b = (p / "bias").uniform("b", {3}, -1, 1);
    (p / "bias").uniform("unused", {2}, -1, 1);
    std::vector<float> const before(w.value<float>().begin(), w.value<float>().end());
    auto const version = w.version();
    auto const f       = [&](Tape&, Inputs x) -> Var { return tanh(linear(x[0], w) + b); };
    GradReport const r = gradcheck(f, {{"x", matrix(4, 2)}}, p);
    BOOST_TEST(r);
    BOOST_TEST(r.worst_error() < 1e-8);  // not to be had in float
    BOOST_TEST(r.checked() == 8 + 6 + 3 + 2);
    BOOST_TEST(r.inputs[1].name == "w");
    BOOST_TEST(r.inputs[2].name == "bias.b");
    BOOST_TEST(std::memcmp(before.data(), w.data(), before.size() * sizeof(float)) == 0);
    BOOST_TEST(w.version() == version);
    BOOST_TEST(gradcheck(f, {matrix(4, 2)}, p / "bias").checked() == 8 + 3 + 2);
}

BOOST_AUTO_TEST_CASE(a_mistake_beside_a_parameter_is_found) {
    Params p(3, float32);
    Param& w           = p.uniform("w", {3}, -1, 1);
    GradReport const r = gradcheck([&](Tape& t, Inputs) -> Var { return with<WrongFactor>(t.lift(w)); }, {}, p);
    BOOST_TEST(r.inputs[0].wrong == 3);
    BOOST_TEST(r.culprits.size() == 1);
}

// ---- the report ----

BOOST_AUTO_TEST_CASE(the_culprit_is_named_with_line_module_and_time_step) {
    unsigned line = 0;
    auto const f  = [&](Tape& tape, Inputs x) -> Var {
        Scope const encoder(tape, "encoder"), cell(tape, "cell");
        Var h = x[0];
        for (Index t = 0; t < 4; ++t) {
            Scope const step(tape, t);
            line  = __LINE__ + 1;
            Var n = t == 2 ? Var(apply<WrongFactor>(h * 0.3)) : Var(tanh(h));
            h     = n * 1.5;
        }
        return h;
    };
    GradReport const r = gradcheck(f, {{"h0", vector(3)}});
    BOOST_TEST(!r.passed());
    BOOST_REQUIRE(r.culprits.size() == 1);
    Site const& site = r.culprits[0].site;
    BOOST_TEST(site.op == "wrong_factor");
    BOOST_TEST(site.where.line == line);
    BOOST_TEST(site.module == "encoder.cell");
    BOOST_TEST(site.step == 2);
    BOOST_TEST(says(r, text(site)));
}

BOOST_AUTO_TEST_CASE(the_culprit_is_the_first_wrong_node_not_what_uses_it) {
    GradReport const r = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var a = tanh(x[0]);
            Var b = apply<WrongSign>(a);
            Var c = exp(b) * a;
            return sum(c);
        },
        {{"x", vector(4)}});
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(text(r.culprits[0].site).starts_with("b = wrong_sign(a)    gradcheck.cpp:"), r);
}

BOOST_AUTO_TEST_CASE(the_report_reads_as_a_table) {
    constexpr unsigned line = __LINE__ + 3;
    GradReport const r      = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var y = apply<WrongFactor>(x[0]) + relu(x[1]);
            return y;
        },
        {{"x", matrix(1, 1)}, {"beside", Array1{-1, 0, 1}}});
    BOOST_REQUIRE(r.culprits.size() == 1);
    auto const& c = r.culprits[0];
    auto const &x = r.inputs[0].worst, &b = r.inputs[1].worst;
    std::string const at = b.result.empty() ? "sum" : b.result;
    BOOST_TEST(text(r) ==
               fmt::format("gradcheck failed: 3 checked, 1 skipped at kinks, worst relative error 5.0e-01 in x[0,0]\n"
                           "    y = wrong_factor(x) + relu(beside)    gradcheck.cpp:{}\n"
                           "        wrong gradient by operand 0 (x) at [0,0]: {:.7g}, should be {:.7g}\n"
                           "    input   shape  checked  kinks  error    at     result  backward   numeric\n"
                           "    x       [1,1]  1        0      5.0e-01  [0,0]  {:<5}   {:<9.7g}  {:<9.7g}  1 WRONG\n"
                           "    beside  [3]    2        1      {:.1e}  {:<5}  {:<5}   {:<9.7g}  {:.7g}\n"
                           "    skipped  beside[1]: kink at y = wrong_factor(x) + relu(beside)    gradcheck.cpp:{}",
                           line, c.backward, 2 * c.backward, x.result.empty() ? "sum" : x.result, x.backward, x.numeric,
                           b.error, b.at, at, b.backward, b.numeric, line));
    std::ostringstream out;
    out << r;
    BOOST_TEST(out.str() == text(r));
}

BOOST_AUTO_TEST_CASE(the_report_is_a_result_of_boost_test) {
    auto const right = [](Tape&, Inputs x) -> Var { return tanh(x[0]); };
    auto const wrong = [](Tape&, Inputs x) -> Var { return with<WrongSign>(x[0]); };
    BOOST_TEST(gradcheck(right, {vector(2)}));
    auto const shown = (boost::test_tools::assertion::seed()->*gradcheck(wrong, {vector(2)})).evaluate();
    BOOST_TEST(!shown);
    auto const shown_message = shown.message();
    std::string const message(shown_message.begin(), shown_message.size());
    BOOST_TEST(message.find("gradcheck failed: 2 checked") != std::string::npos, message);
    BOOST_TEST(message.find("2 WRONG") != std::string::npos, message);
    boost::test_tools::assertion_result const result = gradcheck(wrong, {vector(2)});
    BOOST_TEST(!result);
    static_assert(!std::is_convertible_v<GradReport, bool> && std::is_constructible_v<bool, GradReport>);
}

BOOST_AUTO_TEST_SUITE_END()
