// Shapes matched against signatures.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/call/signature.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// The inferred shape, or the first line of the error.
std::string inferred(Signature const& signature, std::vector<Shape> const& shapes) {
    Tape tape;
    std::vector<Window> windows;
    std::vector<Window const*> operands;
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        Window w;
        w.shape = shapes[k];
        w.name  = std::string_view("xyz").substr(k, 1);
        windows.push_back(w);
    }
    for (Window const& w : windows) operands.push_back(&w);
    try {
        return text(signature.infer(tape, "op", operands, {"dir/cell.cpp", 7}));
    } catch (ShapeError const& e) {
        std::string const what = e.what();
        return what.substr(0, what.find('\n'));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signature)

BOOST_AUTO_TEST_CASE(facts) {
    constexpr Signature product = "[m,k] [n,k] -> [m,n]", join = "[...]+ -> [?]";
    BOOST_TEST((product.operands() == 2 && !product.variadic() && !product.decided_by_operation()));
    BOOST_TEST((join.operands() == 1 && join.variadic() && join.decided_by_operation()));
    BOOST_TEST(product.text() == "[m,k] [n,k] -> [m,n]");
}

BOOST_AUTO_TEST_CASE(letters) {
    BOOST_TEST(inferred("[m,k] [n,k] -> [m,n]", {{2, 5}, {4, 5}}) == "[2,4]");
    BOOST_TEST(inferred("[m,k] [n,k] -> [m,n]", {{2, 5}, {4, 3}}) == "cell.cpp:7: op: k is 5 in x but 3 in y");
    BOOST_TEST(inferred("[m,k] [n,k] -> [m,n]", {{2, 5}, {4}}) == "cell.cpp:7: op: y must have 2 axes");
    BOOST_TEST(inferred("[n,n] -> [n]", {{3, 3}}) == "[3]");
    BOOST_TEST(inferred("[n,n] -> [n]", {{3, 4}}) == "cell.cpp:7: op: n is 3 in x but 4 in x");
    BOOST_TEST(inferred("[n] -> []", {{3}}) == "[]");
    BOOST_TEST(inferred("[] [n] -> [n,1]", {{}, {0}}) == "[0,1]");
}

BOOST_AUTO_TEST_CASE(ones) {
    BOOST_TEST(inferred("[n,1] -> [1,n]", {{3, 1}}) == "[1,3]");
    BOOST_TEST(inferred("[n,1] -> [1,n]", {{3, 2}}) == "cell.cpp:7: op: x must have size 1 where it has 2");
}

BOOST_AUTO_TEST_CASE(leading_axes) {
    BOOST_TEST(inferred("[...,k] [n,k] -> [...,n]", {{7, 2, 5}, {4, 5}}) == "[7,2,4]");
    BOOST_TEST(inferred("[...,k] [n,k] -> [...,n]", {{5}, {4, 5}}) == "[4]");
    BOOST_TEST(inferred("[...,k] [n,k] -> [...,n]", {{}, {4, 5}}) == "cell.cpp:7: op: x must have at least 1 axis");
    BOOST_TEST(inferred("[...] [...] -> [...]", {{2, 3}, {2, 3}}) == "[2,3]");
    BOOST_TEST(inferred("[...] [...] -> [...]", {{2, 3}, {3}}) ==
               "cell.cpp:7: op: the leading axes of y differ from those before it");
}

BOOST_AUTO_TEST_CASE(a_result_of_more_than_six_axes) {
    BOOST_TEST(inferred("[...,k] [n,m,k] -> [...,n,m]", {{1, 1, 1, 1, 1, 2}, {3, 4, 2}}) ==
               "cell.cpp:7: an array has at most 6 axes");
}

BOOST_AUTO_TEST_CASE(any_number_of_operands) {
    BOOST_TEST(inferred("[n,k]+ -> [n]", {{2, 3}, {2, 3}, {2, 3}}) == "[2]");
    BOOST_TEST(inferred("[n,k]+ -> [n]", {{2, 3}, {2, 3}, {2, 4}}) == "cell.cpp:7: op: k is 3 in x but 4 in z");
}

BOOST_AUTO_TEST_CASE(examples) {
    constexpr Signature affine = "[...,k] [n,k] [n] -> [...,n]", one = "[n,1] -> [n]";
    BOOST_TEST((affine.examples({7, 8}) == std::vector<Shape>{{7, 8, 2}, {3, 2}, {3}}));
    BOOST_TEST((one.examples({}) == std::vector<Shape>{{2, 1}}));
}

BOOST_AUTO_TEST_SUITE_END()
