// What a gradient check says of the cause: the node, the line and the step, kinks, and what is not on the tape at all.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;
using Array1 = xt::xarray<double>;

namespace {

struct HalfSlope {  // 2x
    static constexpr auto name = "half_slope";
    template <class V> static V f(V x) { return x + x; }
    template <class V> static V df(V, V) { return V(1); }
};
struct SteepAtZero {  // relu, with a derivative at 0 that is none of its slopes
    static constexpr auto name = "steep_at_zero";
    template <class V> static V f(V x) { return Relu::f(x); }
    template <class V> static V df(V x, V) { return select(x == V(0), V(2), select(x > V(0), V(1), V(0))); }
};

/// The identity of a vector, in which something happens on the way there or back.
template <class There, class Back> struct Identity {
    static constexpr auto name           = "identity";
    static constexpr Signature signature = "[n] -> [n]";
    template <Real T> void f(Array<T> y, Array<T const> x) const {
        copy<T>(y, x);
        There{}(y, x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=](Array<T> dx) {
            copy<T>(dx, g, WriteMode::add);
            Back{}(dx);
        }};
    }
};
struct Nothing {
    template <class... A> void operator()(A const&...) const {}
};
int calls = 0;
struct Counts {
    template <class T, class... X> void operator()(Array<T> const& y, X const&...) const { y.data[1] += T(calls++); }
};
struct DoublesWhatItReads {
    template <class T> void operator()(Array<T> const&, Array<T const> const& x) const {
        for (Index i = 0; i < x.shape[0]; ++i) const_cast<T*>(x.data)[i] *= T(2);
    }
};
struct SpoilsNumber1000 {
    template <class T> void operator()(Array<T> const& dx) const { dx.data[1000] *= T(0.99); }
};

/// Every other element at zero.
Array1 half_at_zero(std::size_t n) {
    Array1 x = vector(n);
    for (std::size_t i = 0; i < n; i += 2) x[i] = 0;
    return x;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_causes)

// ---- how well it sees ----

BOOST_AUTO_TEST_CASE(extrapolation_leaves_errors_near_those_of_rounding) {
    for (double scale : {1.0, 1e3, 1e6}) {
        auto const f = [&](Tape&, Inputs x) -> Var { return exp(tanh(x[0] / scale)); };
        BOOST_TEST(gradcheck(f, {Array1(scale * vector(6))}).worst_error() < 1e-9, scale);
    }
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return tanh(x[0]); }, {vector(6)}).worst_error() < 2e-11);
}

BOOST_AUTO_TEST_CASE(the_step_is_scaled_to_the_value) {
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return log(x[0]); }, {Array1{1e9, 1e3, 2}}).worst_error() < 1e-9);
}

BOOST_AUTO_TEST_CASE(each_element_of_the_result_is_seen_beside_much_larger_ones) {
    auto const f = [](Tape&, Inputs x) -> Var { return concat({Var(1e7 * x[0]), Var(apply<HalfSlope>(x[0]))}); };
    GradcheckOptions options;
    BOOST_TEST(!gradcheck(f, {vector(3)}, options).passed());
    BOOST_TEST(gradcheck(f, {vector(3)}, options).inputs[0].wrong == 3);
    options.max_results = 0;  // a sum of all, in which the large ones weigh less
    BOOST_TEST(gradcheck(f, {vector(3)}, options).inputs[0].wrong == 3);
    BOOST_TEST(!gradcheck(f, {vector(3)}, options).passed());
}

BOOST_AUTO_TEST_CASE(the_worst_element_of_the_result_is_named) {
    auto const w = gradcheck(
                       [](Tape&, Inputs x) -> Var {
                           return stack({x[0], Var(apply<HalfSlope>(x[0]))});
                       },
                       {vector(1)})
                       .inputs[0]
                       .worst;
    BOOST_TEST(w.result == "[1,0]");
    BOOST_TEST(w.backward == 1);
    BOOST_TEST(w.numeric == 2, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(large_inputs_are_checked_in_directions_unless_set) {
    GradcheckOptions options;
    auto const f = [](Tape&, Inputs x) -> Var { return sum(tanh(x[0])); };
    BOOST_TEST(gradcheck(f, {vector(2000)}, options).checked() == 2000);
    GradReport const large = gradcheck(f, {vector(2001)}, options);
    BOOST_TEST(large);
    BOOST_TEST(large.checked() == 8);
    BOOST_TEST(
        !gradcheck([](Tape&, Inputs x) { return call(Identity<Nothing, SpoilsNumber1000>{}, Where::here(), x[0]); },
                   {vector(2001)})
             .passed());
    options.directions = 0;
    BOOST_TEST(gradcheck(f, {vector(2001)}, options).checked() == 2001);
}

// ---- one node by itself ----

BOOST_AUTO_TEST_CASE(the_wrong_element_of_a_large_operand_is_found) {
    auto const f = [](Tape&, Inputs x) -> Var {
        return sum(square(call(Identity<Nothing, SpoilsNumber1000>{}, Where::here(), tanh(x[0]))));
    };
    GradcheckOptions options;
    options.max_elements = 1500;
    options.seed         = 3;
    GradReport const r   = gradcheck(f, {vector(1800)}, options);
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].at == "[1000]");
    BOOST_TEST(r.culprits[0].site.op == "identity");
    BOOST_TEST(r.culprits[0].backward == 0.99 * r.culprits[0].numeric, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_view_of_an_operand_is_told_from_another) {
    GradReport const r = gradcheck(
        [](Tape&, Inputs x) -> Var {
            auto [a, b] = split<2>(x[0]);
            Var y       = tanh(a) * apply<HalfSlope>(b);
            return y;
        },
        {{"x", vector(6)}});
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].by == "b");
    BOOST_TEST(r.culprits[0].operand == 1);
}

BOOST_AUTO_TEST_CASE(a_value_that_was_overwritten_is_named) {
    constexpr unsigned line = __LINE__ + 3;
    GradReport const r      = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var a = tanh(x[0]);
            return call(Identity<DoublesWhatItReads, Nothing>{}, Where::here(), a);
        },
        {vector(3)});
    BOOST_REQUIRE(!r.culprits.empty());
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(r.culprits[0].what == "its value is not what it computes from its operands");
}

// ---- what is not on the tape ----

BOOST_AUTO_TEST_CASE(a_detached_operand_is_named_where_it_is_used) {
    constexpr unsigned line = __LINE__ + 3;
    GradReport const r      = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var y = x[0] * x[0].detach();
            return exp(y);
        },
        {{"x", vector(4)}});
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(says(
        r, "each node is right by itself, but the result depends on the inputs by ways that the tape did not record"));
    BOOST_TEST(says(r, "was detached"));
}

BOOST_AUTO_TEST_CASE(a_constant_made_of_a_value_is_named) {
    constexpr unsigned line = __LINE__ + 3;
    GradReport const r      = gradcheck(
        [](Tape& tape, Inputs x) -> Var {
            Var c = tape.constant(x[0].value<double>());
            return exp(c) * x[0];
        },
        {vector(4)});
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(r.culprits[0].site.op == "constant");
    BOOST_TEST(says(r, "read out of the tape, perhaps by value()"));
}

BOOST_AUTO_TEST_CASE(a_number_read_out_into_a_formula_is_named) {
    constexpr unsigned line = __LINE__ + 4;
    GradReport const r      = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var a = tanh(x[0]);
            Var b = a * x[1].item();
            return exp(b);
        },
        {vector(4), 1.5});
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(says(r, "perhaps by item()"));
}

BOOST_AUTO_TEST_CASE(gradients_that_depend_on_the_mechanisms_are_the_fault_of_the_engine) {
    auto const f = [](Tape& tape, Inputs x) -> Var {
        return tape.mechanisms.hoist ? Var(apply<HalfSlope>(x[0])) : Var(x[0] + x[0]);
    };
    GradReport const r = gradcheck(f, {vector(3)});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.culprits.empty());
    BOOST_TEST(says(
        r,
        "each node is right by itself, and the gradients change if Tape::mechanisms are off: a mistake of the engine"));
    GradcheckOptions options;
    options.mechanisms.hoist = false;
    BOOST_TEST(gradcheck(f, {vector(3)}, options));
}

BOOST_AUTO_TEST_CASE(a_value_that_depends_on_the_mechanisms_is_the_fault_of_the_engine) {
    constexpr unsigned line = __LINE__ + 4;
    GradReport const r      = gradcheck(
        [](Tape& tape, Inputs x) -> Var {
            Var a = tanh(x[0]);
            Var b = a * (tape.mechanisms.copy_view ? 3 : 2);  // gradients and differences agree on it
            return exp(b);
        },
        {vector(4)});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.problem.starts_with("element 0 of the result is "));
    BOOST_TEST(says(r, "with Tape::mechanisms off: a mistake of the engine"));
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(r.culprits[0].what == "the first value that is another with Tape::mechanisms off");
}

// ---- kinks ----

BOOST_AUTO_TEST_CASE(kinks_are_located) {
    unsigned line = 0;
    auto const f  = [&](Tape& tape, Inputs x) -> Var {
        Scope const module(tape, "encoder");
        Var h = tanh(x[0]);
        for (Index t = 0; t < 3; ++t) {
            Scope const step(tape, t);
            line  = __LINE__ + 1;
            Var a = t == 1 ? Var(relu(h)) : Var(tanh(h));
            h     = 2 * a + x[0];
        }
        return h;
    };
    GradReport const r = gradcheck(f, {{"x", Array1{0.3, 0, 0.5}}});
    BOOST_TEST(r);
    BOOST_REQUIRE(r.skipped.size() == 1);
    auto const& k = r.skipped[0];
    BOOST_TEST(k.input == "x");
    BOOST_TEST(k.at == "[1]");
    BOOST_TEST(k.site.where.line == line);
    BOOST_TEST(k.site.op == "relu");
    BOOST_TEST(k.site.module == "encoder");
    BOOST_TEST(k.site.step == 1);
    BOOST_TEST(!k.branch);
    BOOST_TEST(says(r, "skipped  x[1]: kink at a = relu(h)    causes.cpp:" + std::to_string(line)));
}

BOOST_AUTO_TEST_CASE(a_right_function_with_many_kinks_passes_and_a_wrong_one_does_not) {
    auto const right =
        gradcheck([](Tape&, Inputs x) -> Var { return 3 * relu(x[0]) + relu(-x[0]); }, {half_at_zero(60)});
    BOOST_TEST(right);
    BOOST_TEST(right.kinks() == 30);
    BOOST_TEST(right.checked() == 30);
    BOOST_TEST(right.skipped.size() == 20u);
    BOOST_TEST(says(right, "skipped  25 more"));
    auto const wrong =
        gradcheck([](Tape&, Inputs x) -> Var { return 3 * apply<SteepAtZero>(x[0]); }, {half_at_zero(60)});
    BOOST_TEST(!wrong.passed());
    BOOST_TEST(wrong.inputs[0].wrong == 30);
    BOOST_REQUIRE(wrong.culprits.size() == 1);
    BOOST_TEST(wrong.culprits[0].site.formula == "3 * steep_at_zero(x0)");
}

BOOST_AUTO_TEST_CASE(a_change_of_branch_is_no_mistake) {
    auto const f       = [](Tape&, Inputs x) -> Var { return x[0].item() > 0 ? Var(-4 * x[0]) : Var(tanh(2 * x[0])); };
    GradReport const r = gradcheck(f, {{"x", 0.0}, {"beside", 1.0}});
    BOOST_TEST(r.inputs[0].wrong == 0);
    BOOST_TEST(r.inputs[0].kinks == 1);
    BOOST_REQUIRE(r.skipped.size() == 1);
    BOOST_TEST(r.skipped[0].branch);
    BOOST_TEST(says(r, "the program takes another path beside it at %2 = tanh(2 * x)"));
}

BOOST_AUTO_TEST_CASE(the_branch_that_was_taken_is_checked) {  // 1 lies between the slopes, 2 and -4, but is neither
    auto const f = [](Tape&, Inputs x) -> Var {
        return x[0].item() > 0 ? Var(-4 * x[0]) : Var(apply<HalfSlope>(x[0]));
    };
    GradReport const r = gradcheck(f, {{"x", 0.0}});
    BOOST_TEST(r.inputs[0].wrong == 1);
    BOOST_TEST(r.inputs[0].worst.remark == "the slope of the branch that was taken is another");
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.op == "half_slope");
}

// ---- what cannot be checked ----

BOOST_AUTO_TEST_CASE(the_first_value_that_is_not_finite_is_named) {
    unsigned line = 0;
    auto const f  = [&](Tape& tape, Inputs x) -> Var {
        Var h = x[0];
        for (Index t = 0; t < 5; ++t) {
            Scope const step(tape, t);
            h     = h - 1;
            line  = __LINE__ + 1;
            Var l = log(h);
            h     = h + 0 * l;
        }
        return h;
    };
    GradReport const r = gradcheck(f, {Array1{9, 3.5, 8}});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.problem == "element 1 of the result is nan");
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(r.culprits[0].site.step == 3);
    BOOST_TEST(r.culprits[0].at == "[1]");
    BOOST_TEST(says(r, "the first value that is not finite"));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_finite_is_traced_to_its_node) {
    GradReport const r = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var a = square(x[0]);
            Var b = sqrt(a);
            return 2 * b;
        },
        {Array1{1, 0}});
    BOOST_TEST(!r.passed());
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.op == "sqrt");
    BOOST_TEST(r.culprits[0].at == "[1]");
    BOOST_TEST(!std::isfinite(r.culprits[0].backward));
}

BOOST_AUTO_TEST_CASE(the_first_value_that_differs_between_two_runs_is_named) {
    constexpr unsigned line = __LINE__ + 4;
    GradReport const r      = gradcheck(
        [](Tape&, Inputs x) -> Var {
            Var a = exp(x[0]);
            Var b = call(Identity<Counts, Nothing>{}, Where::here(), a);
            return tanh(b);
        },
        {vector(3)});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.problem.starts_with("the function is not deterministic: element 1 of its result"), r.problem);
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].site.where.line == line);
    BOOST_TEST(r.culprits[0].what == "the first value that differs between two runs");
}

BOOST_AUTO_TEST_CASE(gradients_that_differ_between_two_sweeps_are_found) {
    GradReport const r =
        gradcheck([](Tape&, Inputs x) -> Var { return call(Identity<Nothing, Counts>{}, Where::here(), x[0]); },
                  {{"x", vector(3)}});
    BOOST_TEST(!r.passed());
    BOOST_TEST(r.problem.starts_with("the gradients are not deterministic: by x[1], "), r.problem);
}

// ---- warnings ----

BOOST_AUTO_TEST_CASE(what_has_no_influence_is_warned_of) {
    Params p(3);
    Param &used = p.uniform("used", {2}, -1, 1), &unused = p.uniform("unused", {2}, -1, 1);
    auto const f = [&](Tape& tape, Inputs x) -> Var {
        static_cast<void>(Var(tanh(tape.lift(unused))));
        return relu(x[0] - 9) + x[1] * used;
    };
    GradReport const r = gradcheck(f, {{"dead", vector(2)}, {"x", vector(2)}, {"ignored", vector(2)}}, p);
    BOOST_TEST(r);
    std::vector<std::string> const expected{"the gradient by dead is zero everywhere",
                                            "the result does not depend on ignored",
                                            "the result does not depend on unused"};
    BOOST_TEST(r.warnings == expected, boost::test_tools::per_element());
    BOOST_TEST(says(r, "\n    warning: the result does not depend on unused"));
    BOOST_TEST(gradcheck([](Tape&, Inputs x) -> Var { return tanh(x[0]); }, {vector(2)}).warnings.empty());
}

// ---- models ----

BOOST_AUTO_TEST_CASE(parameters_that_are_used_are_checked_unasked) {
    Params p(3);
    Param& w = p.uniform("w", {3, 2}, -1, 1);
    p.uniform("unused", {2}, -1, 1);
    GradReport const r =
        gradcheck([&](Tape&, Inputs x) -> Var { return tanh(linear(x[0], w)); }, {{"x", matrix(4, 2)}});
    BOOST_TEST(r);
    BOOST_TEST(r.inputs.size() == 2u);
    BOOST_TEST(r.inputs[1].name == "w");
    BOOST_TEST(r.inputs[1].checked == 6);
}

struct Model {
    Params parameters{5, float32};
    Param &w = parameters.uniform("w", {3, 2}, -1, 1), &b = parameters.uniform("b", {3}, -1, 1);

    Params const& params() const { return parameters; }
    template <class Op> Var loss(Tape& tape) const {
        Var y = linear(tape.constant(matrix(4, 2)), w) + b;
        return mean(square(apply<Op>(y)));
    }
};

BOOST_AUTO_TEST_CASE(a_float_model_is_checked_in_double_by_its_loss) {
    Model const m;
    std::vector<float> const before(m.w.value<float>().begin(), m.w.value<float>().end());
    auto const loss = [&](Tape& tape) { return m.loss<Tanh>(tape); };
    for (GradReport const& r : {gradcheck(m, loss), gradcheck(m.parameters, loss)}) {
        BOOST_TEST(r);
        BOOST_TEST(r.checked() == 6 + 3);
        BOOST_TEST(r.worst_error() < 1e-9);  // not to be had in float
    }
    BOOST_TEST(std::vector<float>(m.w.value<float>().begin(), m.w.value<float>().end()) == before,
               boost::test_tools::per_element());
    BOOST_TEST(!gradcheck(m, [&](Tape& tape) { return m.loss<HalfSlope>(tape); }).passed());
}

BOOST_AUTO_TEST_CASE(noise_on_parameters_leaves_them_as_they_were) {
    Params p(3);
    Param& b = p.zeros("b", {3});
    GradcheckOptions options;
    auto const f = [&](Tape& tape, Inputs) -> Var { return relu(tape.lift(b)); };
    BOOST_TEST(gradcheck(f, {}, options).kinks() == 3);
    options.jitter     = 0.5;
    GradReport const r = gradcheck(f, {}, options);
    BOOST_TEST(r);
    BOOST_TEST(r.kinks() == 0);
    BOOST_TEST(b.value<float>()(1) == 0);
}

// ---- the picture ----

BOOST_AUTO_TEST_CASE(the_picture_outlives_what_was_checked) {
    GradReport r;
    {
        Params p(3);
        Param& w = p.uniform("w", {3}, -1, 1);
        r        = gradcheck(
            [&](Tape&, Inputs x) -> Var {
                Var a = x[0] * w;
                Var b = apply<HalfSlope>(a);
                return b;
            },
            {{"x", vector(3)}}, p);
    }
    std::string const dot = r.graph().dot();
    std::size_t const red = dot.find("#d01010");
    BOOST_REQUIRE(red != std::string::npos);
    BOOST_TEST(dot.substr(red, dot.find('\n', red) - red).find("half_slope(a)") != std::string::npos, dot);
    BOOST_TEST(dot.find("#d01010", red + 1) == std::string::npos);
    BOOST_TEST(dot.find(">w<") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
