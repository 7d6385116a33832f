// How statements are printed.
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unspool/autograd/formula.hpp>
#include <unspool/autograd/label.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;

namespace {

struct Names {
    Tape tape;
    Var  a = tape.input(1.0, "a"), b = tape.input(2.0, "b"), c = tape.input(3.0, "c");
};

std::string printed(Var const& x) {
    Node const&              node = x.tape()[x.window().node];
    std::vector<std::string> operands;
    for (Window const* w : node.operands) operands.push_back(label(x.tape(), *w));
    return node.rule->formula(node, operands);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(formula, Names)

BOOST_AUTO_TEST_CASE(comparisons_and_calls) {
    BOOST_TEST(printed(where(a > 0, log(a), 0)) == "where(a > 0, log(a), 0)");
    BOOST_TEST(printed((a < b) * (b + 1 >= c)) == "(a < b) * (b + 1 >= c)");
    BOOST_TEST(printed((a <= b) < (b > c)) == "(a <= b) < (b > c)");
    BOOST_TEST(printed(-(a < b)) == "-(a < b)");
    BOOST_TEST(printed(a + b < c * 2) == "a + b < c * 2");
    BOOST_TEST(printed(pow(a + b, 2) * clamp(a, -1, b - c)) == "pow(a + b, 2) * clamp(a, -1, b - c)");
    BOOST_TEST(printed(leaky_relu(a - b) / fma(a, b, c)) == "leaky_relu(a - b, 0.01) / fma(a, b, c)");
    BOOST_TEST(printed(equal(a, b) - scaled_tanh(a, 1.7, 0.5)) == "equal(a, b) - scaled_tanh(a, 1.7, 0.5)");
    BOOST_TEST(printed(tape.input(2.0, "d < e") + a) == "(d < e) + a");
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

BOOST_AUTO_TEST_CASE(operands_that_are_formulas_themselves) {
    std::vector<Token> const       tokens{{Token::leaf}, {Token::leaf}, {Token::op, 2, "*"}, {Token::op, 1, "exp"}};
    std::vector<std::string> const names{"a + b", "x[1]"};
    BOOST_TEST(print(tokens, names, {}) == "exp((a + b) * x[1])");
    std::vector<Token> const negated{{Token::leaf}, {Token::op, 1, "-"}};
    BOOST_TEST(print(negated, std::vector<std::string>{"a + b"}, {}) == "-(a + b)");
}

BOOST_AUTO_TEST_SUITE_END()
