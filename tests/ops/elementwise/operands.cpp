// Kinds of operands: arrays, numbers and parameters on either side, and one that is used more than once.
#include <boost/test/unit_test.hpp>
#include <ops/checks.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {}  // namespace

BOOST_AUTO_TEST_SUITE(kinds_of_operands)

BOOST_AUTO_TEST_CASE(of_two_arguments_and_leaves_used_twice) {
    each_op(List<Add, Subtract, Multiply, Divide, Pow>{}, []<class Op>() {
        Params params(4, float64);
        Param& p      = params.uniform("p", {4, 1}, Op::domain.low, Op::domain.high);
        Doubles array = numbers({4, 4}, Op::domain, {}, 11);
        double third  = Op::domain.low / 3 + 2 * Op::domain.high / 3;

        std::pair<char const*, std::function<Var(Var)>> const kinds[] = {
            {"number right", [&](Var x) -> Var { return apply<Op>(x, third); }},
            {"number left", [&](Var x) -> Var { return apply<Op>(third, x); }},
            {"integer", [&](Var x) -> Var { return apply<Op>(x, 2); }},
            {"parameter right", [&](Var x) -> Var { return apply<Op>(x, p); }},
            {"parameter left", [&](Var x) -> Var { return apply<Op>(p, x); }},
            {"array right", [&](Var x) -> Var { return apply<Op>(x, array); }},
            {"array left", [&](Var x) -> Var { return apply<Op>(array, x); }},
            {"itself", [&](Var x) -> Var { return apply<Op>(x, x); }},
            {"itself twice", [&](Var x) -> Var { return apply<Op>(apply<Op>(x, x), x); }},
            {"its transpose", [&](Var x) -> Var { return apply<Op>(x, transpose(x)); }},
            {"its column", [&](Var x) -> Var { return apply<Op>(x, slice(x, 1, 2, 3)); }},
            {"its row", [&](Var x) -> Var { return apply<Op>(x[1], x); }}};
        for (auto const& [kind, f] : kinds) {
            GradReport const r = gradcheck([&, g = f](Tape&, Inputs x) { return g(x[0]); },
                                           {numbers({4, 4}, Op::domain, {}, 3)}, params);
            BOOST_TEST(r, Op::name << ", " << kind << "\n" << r);
        }
    });
}

BOOST_AUTO_TEST_CASE(of_three_arguments) {
    Params params(4, float64);
    Param& p      = params.uniform("p", {4, 1}, -1, 1);
    Doubles array = ordinary({4, 4}, 11);

    std::pair<char const*, std::function<Var(Var)>> const kinds[] = {
        {"numbers", [&](Var x) -> Var { return scaled_tanh(x, 1.7, 0.6); }},
        {"a parameter", [&](Var x) -> Var { return lerp(x, 3, p); }},
        {"parameters on the left", [&](Var x) -> Var { return fma(p, p, x); }},
        {"arrays on the left", [&](Var x) -> Var { return fma(array, array, x); }},
        {"an array", [&](Var x) -> Var { return clamp(x, -0.8, array); }},
        {"a term", [&](Var x) -> Var { return lerp(array, p, sigmoid(x * x)); }},
        {"itself", [&](Var x) -> Var { return fma(x, x, x); }},
        {"a mask that is an array", [&](Var x) -> Var {
             return where(xt::xarray<bool>{true, false, true, true}, x, square(x));
         }}};
    for (auto const& [kind, f] : kinds) {
        GradReport const r = gradcheck([&, g = f](Tape&, Inputs x) { return g(x[0]); }, {ordinary({4, 4}, 3)}, params);
        BOOST_TEST(r, kind << "\n" << r);
    }
}

BOOST_AUTO_TEST_CASE(a_slope_is_learned) {
    Params params(4, float64);
    Param& slope       = params.uniform("slope", {4}, 0.1, 0.4);
    GradReport const r = gradcheck([&](Tape&, Inputs x) -> Var { return leaky_relu(x[0], slope) + elu(x[0], slope); },
                                   {ordinary({3, 4}, 3)}, params);
    BOOST_TEST(r, r);
    BOOST_TEST(r.checked() == 16);
}

/// Each spelling, with what stands on either side of it.
BOOST_AUTO_TEST_CASE(spellings) {
    Tape tape(float64);
    Doubles a{-0.5, 0.25, 2};
    Var x     = tape.input(a, "x");
    auto same = [](Var const& y, Doubles const& want) { return y.value<double>() == want; };
    BOOST_TEST(same(x < 0.25, {1, 0, 0}));
    BOOST_TEST(same(x <= 0.25, {1, 1, 0}));
    BOOST_TEST(same(0.25 > x, {1, 0, 0}));
    BOOST_TEST(same(a >= x, {1, 1, 1}));
    BOOST_TEST(same(x > a, {0, 0, 0}));
    BOOST_TEST(same(equal(x, 2), {0, 0, 1}));
    BOOST_TEST(same(not_equal(a, x), {0, 0, 0}));
    BOOST_TEST(same(maximum(a, x * 2), {-0.5, 0.5, 4}));
    BOOST_TEST(same(minimum(x, 1), {-0.5, 0.25, 1}));
    BOOST_TEST(same(pow(x, 2), {0.25, 0.0625, 4}));
    BOOST_TEST(same(clamp(x, 0, 1), {0, 0.25, 1}));
    BOOST_TEST(same(leaky_relu(x), {-0.005, 0.25, 2}));
    BOOST_TEST(same(thresholded_relu(x), {0, 0, 2}));
    BOOST_TEST(same(where(a, x, 7), {-0.5, 0.25, 2}));
    BOOST_TEST(same(straight_through(x, round(x)), {0, 0, 2}));
}

BOOST_AUTO_TEST_CASE(used_so_often) {
    for (int n : {1, 2, 3, 7, 100, 10'000}) {
        Tape tape(float64);
        Var const x = tape.input(Doubles{1, -2, 3, 0.5, 8}, "x");
        Var y       = tape.constant(0.0);
        for (int k = 1; k <= n; ++k) y = y + x * k;
        BOOST_TEST((backward(sum(y))[x].value<double>() == Doubles{xt::ones<double>({5}) * (0.5 * n * (n + 1))}), n);
    }
    Tape tape(float64);
    Var const x = tape.input(Doubles{1, -2, 3, 0.5, 8}, "x");
    Var const y = x + x * 2 + x * 3 + x * 4 + x * 5 + x * 6 + x * x;
    BOOST_TEST((backward(sum(y))[x].value<double>() == Doubles{21 + 2, 21 - 4, 21 + 6, 21 + 1, 21 + 16}));
}

BOOST_AUTO_TEST_SUITE_END()
