// How statements are printed.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Letters {
    Tape tape;
    Var a = tape.input(1.0, "a"), b = tape.input(2.0, "b"), c = tape.input(3.0, "c");
};

std::string printed(Var const& x) {
    Node const& node = x.tape()[x.window().node];
    std::vector<Equation> operands;
    for (Window const* w : node.operands) operands.push_back(equation_of(x.tape(), *w));
    return text(node.rule->equation(node, operands));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(formula, Letters)

BOOST_AUTO_TEST_CASE(comparisons_and_calls) {
    BOOST_TEST(printed(where(a > 0, log(a), 0)) == "where(a > 0, log(a), 0)");
    BOOST_TEST(printed((a < b) * (b + 1 >= c)) == "(a < b) * (b + 1 >= c)");
    BOOST_TEST(printed((a <= b) < (b > c)) == "(a <= b) < (b > c)");
    BOOST_TEST(printed(-(a < b)) == "-(a < b)");
    BOOST_TEST(printed(a + b < c * 2) == "a + b < c * 2");
    BOOST_TEST(printed(pow(a + b, 2) * clamp(a, -1, b - c)) == "pow(a + b, 2) * clamp(a, -1, b - c)");
    BOOST_TEST(printed(leaky_relu(a - b) / fma(a, b, c)) == "leaky_relu(a - b, 0.01) / fma(a, b, c)");
    BOOST_TEST(printed(equal(a, b) - scaled_tanh(a, 1.7, 0.5)) == "equal(a, b) - scaled_tanh(a, 1.7, 0.5)");
    BOOST_TEST(printed(tape.input(2.0, "d < e") + a) == "d < e + a");  // a name is a name, whatever it looks like
}

BOOST_AUTO_TEST_CASE(parentheses_where_they_are_needed) {
    BOOST_TEST(printed(a - (b - c)) == "a - (b - c)");
    BOOST_TEST(printed(a - b - c) == "a - b - c");
    BOOST_TEST(printed(a - (b + c)) == "a - (b + c)");
    BOOST_TEST(printed(a + (b - c)) == "a + b - c");
    BOOST_TEST(printed(a / (b * c)) == "a / (b * c)");
    BOOST_TEST(printed(a / b * c) == "a / b * c");
    BOOST_TEST(printed(a * (b / c)) == "a * b / c");
    BOOST_TEST(printed(a / (b / c)) == "a / (b / c)");
    BOOST_TEST(printed((a + b) * c) == "(a + b) * c");
    BOOST_TEST(printed(a * b + c) == "a * b + c");
    BOOST_TEST(printed(a * (b + c)) == "a * (b + c)");
}

BOOST_AUTO_TEST_CASE(signs) {
    BOOST_TEST(printed(-a) == "-a");
    BOOST_TEST(printed(-(a + b)) == "-(a + b)");
    BOOST_TEST(printed(-(a * b)) == "-(a * b)");
    BOOST_TEST(printed((-a) * b) == "-a * b");
    BOOST_TEST(printed(a * -b) == "a * (-b)");
    BOOST_TEST(printed(2 - -a) == "2 - (-a)");
    BOOST_TEST(printed(a - 2) == "a - 2");
    BOOST_TEST(printed(a - -2) == "a - (-2)");
    BOOST_TEST(printed(-(-a)) == "-(-a)");
    BOOST_TEST(printed(-(a * -2)) == "-(a * (-2))");
    BOOST_TEST(printed(-tanh(a)) == "-tanh(a)");
}

BOOST_AUTO_TEST_CASE(functions_and_numbers) {
    BOOST_TEST(printed(tanh(a + b) * sigmoid(-c)) == "tanh(a + b) * sigmoid(-c)");
    BOOST_TEST(printed((1 - a) * b + 0.5) == "(1 - a) * b + 0.5");
    BOOST_TEST(printed(a * 1e-8) == "a * 1e-08");
    BOOST_TEST(printed(mean(square(a - b))) == "mean(square(a - b))");
    BOOST_TEST(printed(sum(a)) == "sum(a)");
}

BOOST_AUTO_TEST_CASE(operands_that_are_equations_themselves) {
    Node const& product = tape[Var(a * b).window().node];
    auto const with     = [&](Equation const& x, Equation const& y) {
        return text(product.rule->equation(product, std::array{x, y}));
    };
    Equation const sum = Equation::of(operation_of<op::Add, 2>, std::array<Equation, 2>{"a", "b"});
    BOOST_TEST(with(sum, Equation::part("x", "[1]")) == "(a + b) * x[1]");
    BOOST_TEST(with("x", Equation::number(-2)) == "x * (-2)");
    BOOST_TEST(with(Equation::transposed(sum), sum) == "(a + b)ᵀ * (a + b)");
    BOOST_TEST(printed(stack({Var(a + b).named("s"), c}, 0)) == "stack(s, c, axis 0)");
}

BOOST_AUTO_TEST_CASE(products_of_matrices_stand_close) {
    Var const W = tape.input(xt::xtensor<float, 2>{{1, 2}, {3, 4}}, "W"),
              x = tape.input(xt::xtensor<float, 1>{1, 2}, "x");
    BOOST_TEST(printed(matmul(W, x)) == "W·x");
    BOOST_TEST(printed(linear(x, W, x)) == "W·x + x");
    Node const& n      = tape[Var(linear(x, W)).window().node];
    Equation const sum = Equation::of(operation_of<op::Add, 2>, std::array<Equation, 2>{"a", "b"}),
                   wx  = n.rule->equation(n, std::array<Equation, 2>{sum, "W"});
    BOOST_TEST(text(wx) == "W·(a + b)");
    BOOST_TEST(text(Equation::of(operation_of<op::Negate, 1>, std::array{wx})) == "-W·(a + b)");
    BOOST_TEST(text(Equation::of(operation_of<op::Multiply, 2>, std::array{wx, wx})) == "W·(a + b) * W·(a + b)");
}

BOOST_AUTO_TEST_SUITE_END()
