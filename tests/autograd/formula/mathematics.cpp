// Equations as mathematics: in Unicode, and for LaTeX.
#include <autograd/formula/sums.hpp>
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/latex.hpp>
#include <unspool/autograd/picture/mathml.hpp>

using namespace unspool::core;
using namespace sums;
namespace op = unspool::op;

namespace {

std::string both(Equation const& e) { return unicode(e) + " | " + latex(e); }
Equation number(double x) { return Equation::number(x); }

Equation const a = "a", b = "b", c = "c", f = "f", n = "n", h0 = "h0", x = "x", y = "y", t = "t";

}  // namespace

BOOST_AUTO_TEST_SUITE(mathematics)

BOOST_AUTO_TEST_CASE(sums_and_products) {
    BOOST_TEST(both((number(1) - f) * h0 + f * n) ==
               "(1 − f) ⊙ h₀ + f ⊙ n | \\left(1 - f\\right) \\odot h_{0} + f \\odot n");
    BOOST_TEST(both(a - (b - c)) == "a − (b − c) | a - \\left(b - c\\right)");
    BOOST_TEST(both(a - b - c) == "a − b − c | a - b - c");
    BOOST_TEST(both(a / (b * c)) == "a / (b ⊙ c) | \\frac{a}{b \\odot c}");
    BOOST_TEST(both(a * (b / c)) == "a ⊙ b / c | a \\odot \\frac{b}{c}");
    BOOST_TEST(both(x < number(0)) == "x < 0 | x < 0");
}

BOOST_AUTO_TEST_CASE(products_of_matrices) {
    Equation const gate = dot("Wf", x) + dot("Uf", f * h0) + "bf";
    BOOST_TEST(both(call<op::Sigmoid>(gate)) ==
               "σ(Wf x + Uf (f ⊙ h₀) + bf) | \\sigma\\left(W_{f} \\, x + U_{f} \\, \\left(f \\odot h_{0}\\right) + "
               "b_{f}\\right)");
    BOOST_TEST(both(-dot("W", x)) == "−W x | -W \\, x");
}

BOOST_AUTO_TEST_CASE(numbers) {
    BOOST_TEST(both(number(2) * x) == "2 · x | 2 \\cdot x");
    BOOST_TEST(both(-x * number(1e-5)) == "−x · 1e-05 | -x \\cdot 1 \\cdot 10^{-5}");
    BOOST_TEST(both(a - number(-2)) == "a − (−2) | a - \\left(-2\\right)");
    BOOST_TEST(both(a + number(INFINITY)) == "a + inf | a + \\mathrm{inf}");
}

BOOST_AUTO_TEST_CASE(functions) {
    BOOST_TEST(both(of(described("mean", 1), call<op::Square>(y - t))) ==
               "mean(square(y − t)) | \\operatorname{mean}\\left(\\left(y - t\\right)^{2}\\right)");
    BOOST_TEST(latex(call<op::Sqrt>(a) + call<op::Abs>(b)) == "\\sqrt{a} + \\left|b\\right|");
    BOOST_TEST(latex(call<op::Square>(a)) == "{a}^{2}");
}

BOOST_AUTO_TEST_CASE(names_are_text_whatever_they_hold) {
    BOOST_TEST(both(Equation::part("xs", "[3]") + Equation::transposed("weight_ih_l0")) ==
               "xs[3] + weight_ih_l0ᵀ | \\mathrm{xs[3]} + \\mathrm{weight\\_ih\\_l0}^{\\top}");
    BOOST_TEST(both("a + + b") == "a + + b | \\mathrm{a + + b}");
    BOOST_TEST(both("f(x") == "f(x | \\mathrm{f(x}");
    BOOST_TEST(both("") == " | \\mathrm{}");
    BOOST_TEST(both("a\\b{c}$%#&_^~") ==
               "a\\b{c}$%#&_^~ | \\mathrm{a\\backslash{}b\\{c\\}\\$\\%\\#\\&\\_\\hat{}\\sim{}}");
}

BOOST_AUTO_TEST_CASE(elements_of_mathml) {
    BOOST_TEST(
        mathml((number(1) - f) * h0) ==
        "<mrow><mo>(</mo><mn>1</mn><mo>−</mo><mi>f</mi><mo>)</mo><mo>⊙</mo><msub><mi>h</mi><mn>0</mn></msub></mrow>");
    BOOST_TEST(mathml(call<op::Sigmoid>(dot("Wf", x))) == "<mrow><mi>σ</mi><mo>(</mo><msub><mi>W</mi><mi>f</mi></"
                                                          "msub><mspace width=\"0.12em\"/><mi>x</mi><mo>)</mo></mrow>");
    BOOST_TEST(mathml(a / (b * c)) ==
               "<mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi><mo>⊙</mo><mi>c</mi></mrow></mfrac></mrow>");
    BOOST_TEST(mathml(call<op::Square>(y - t)) ==
               "<mrow><msup><mrow><mo>(</mo><mi>y</mi><mo>−</mo><mi>t</mi><mo>)</mo></mrow><mn>2</mn></msup></mrow>");
    BOOST_TEST(mathml(call<op::Sqrt>(number(-2))) == "<mrow><msqrt><mrow><mo>−</mo><mn>2</mn></mrow></msqrt></mrow>");
    BOOST_TEST(
        mathml(call<op::Square>(number(-2))) ==
        "<mrow><msup><mrow><mo>(</mo><mrow><mo>−</mo><mn>2</mn></mrow><mo>)</mo></mrow><mn>2</mn></msup></mrow>");
    BOOST_TEST(mathml("<b>") == "<mrow><mi>&lt;b&gt;</mi></mrow>");
    BOOST_TEST(mathml(Equation::part("xs", "[3]")) == "<mrow><mi>xs[3]</mi></mrow>");
}

BOOST_AUTO_TEST_SUITE_END()
