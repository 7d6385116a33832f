// Equations as values: what they are made of, when they are equal, what they cost.
#include <autograd/formula/sums.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool/autograd/formula/notation.hpp>

using namespace unspool::core;
using namespace sums;
namespace op = unspool::op;

BOOST_AUTO_TEST_SUITE(equations)

BOOST_AUTO_TEST_CASE(are_equal_where_they_are_made_alike) {
    Equation const a = "a", b = "b";
    BOOST_TEST((a + b == a + b));
    BOOST_TEST((a + b != b + a));
    BOOST_TEST((a - (b - a) != (a - b) - a));
    BOOST_TEST((a - b != a + b));
    BOOST_TEST((Equation("2") != Equation::number(2)));  // a name is no number
    BOOST_TEST((Equation::number(NAN) == Equation::number(NAN)));
    BOOST_TEST((Equation::number(0.0) != Equation::number(-0.0)));
    BOOST_TEST((Equation::number(0.1) == Equation::number(0.1, "0.10")));
    BOOST_TEST((Equation::part(a, "[1]") != Equation::part(a, "[2]")));
    BOOST_TEST((of(described("tanh", 1), a) == call<op::Tanh>(a)));  // whoever described it
    BOOST_TEST((Equation() == Equation()));
    BOOST_TEST(Equation().empty());
}

BOOST_AUTO_TEST_CASE(know_their_operands) {
    Equation const a = "a", b = "b", sum = a * b + a / b;
    auto const operands = sum.operands();
    BOOST_REQUIRE(operands.size() == 2u);
    BOOST_TEST((operands[0] == a * b));
    BOOST_TEST((operands[1] == a / b));
    BOOST_TEST(a.operands().empty());
    BOOST_TEST(Equation().operands().empty());
}

BOOST_AUTO_TEST_CASE(are_measured) {
    Equation const f = "f", g = "g", i = "i", c = "c0", W = "W", x = "x", b = "b";
    BOOST_TEST(flops(call<op::Sigmoid>(f) * c + call<op::Sigmoid>(i) * call<op::Tanh>(g)) == 6);
    BOOST_TEST(flops(dot(W, x) + b) == 1);
    BOOST_TEST(flops(f * Equation::number(-2)) == 1);
    BOOST_TEST(flops(Equation::transposed(Equation::part(f, "[3]"))) == 0);
    BOOST_TEST(uses(dot(W, x) + dot(W, b), matrix_product) == 2);
    BOOST_TEST(uses(f, matrix_product) == 0);
}

BOOST_AUTO_TEST_CASE(have_a_hash_that_sees_no_numbers) {
    Equation const a = "a", b = "b", two = Equation::number(2), third = Equation::number(1. / 3);
    BOOST_TEST(hash_without_numbers(a * two + b) == hash_without_numbers(a * third + b));
    BOOST_TEST(hash_without_numbers(a * two + b) != hash_without_numbers(a * b + two));
    BOOST_TEST(hash_without_numbers(a * two) != hash_without_numbers(a + two));
    BOOST_TEST(hash_without_numbers(a) != hash_without_numbers(b));
}

BOOST_AUTO_TEST_CASE(of_a_hundred_thousand_terms_are_printed) {
    std::vector<Equation> const leaves(100'001, "a");
    std::vector<Token> tokens{{Token::leaf}};
    for (int k = 0; k < 100'000; ++k) tokens.insert(tokens.end(), {{Token::leaf}, {Token::operation, &plus}});
    BOOST_TEST(text(Equation::of(tokens, leaves, {})).size() == 1 + 4 * 100'000u);
}

BOOST_AUTO_TEST_SUITE_END()
