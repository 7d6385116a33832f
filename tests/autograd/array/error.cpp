// What users read when something is wrong, word for word.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Network {
    Tape tape;
    Params params;
    Var x     = tape.input(xt::xarray<float>(xt::ones<float>({2, 5})), "x");
    Var h     = tape.input(xt::xarray<float>(xt::ones<float>({2, 4})), "h");
    Param& Wf = (params / "mgu").zeros("Wf", {4, 3});
};

/// The error's text.
template <class F> std::string message(F&& f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    return "no error";
}

Where const line{"/home/someone/mgu.cpp", 23};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(errors, Network)

BOOST_AUTO_TEST_CASE(of_array_operations) {
    BOOST_TEST(message([&] { Var y(linear(x, Wf, line)); }) == "mgu.cpp:23: linear: k is 5 in x but 3 in mgu.Wf\n"
                                                               "    expected  [...,k] [n,k] -> [...,n]\n"
                                                               "      x       [2,5]\n"
                                                               "      mgu.Wf  [4,3]");
    BOOST_TEST(message([&] { call(Matmul{}, line, x, x[0]); }) == "mgu.cpp:23: matmul: x[0] must have 2 axes\n"
                                                                  "    expected  [m,k] [k,n] -> [m,n]\n"
                                                                  "      x     [2,5]\n"
                                                                  "      x[0]  [5]");
    BOOST_TEST(
        message([&] { matmul(Wf, Wf, line); }) ==
        "mgu.cpp:23: matmul: all operands are parameters, so that no tape is known: use tape.lift(parameter) for one");
}

BOOST_AUTO_TEST_CASE(of_statements) {
    BOOST_TEST(message([&] { Var y((1 - x) * h + x, line); }) ==
               "mgu.cpp:23: (1 - x) * h + x: shapes do not broadcast\n"
               "    expected  sizes that are equal or 1, axis by axis from the last\n"
               "      x  [2,5]\n"
               "      h  [2,4]");
    BOOST_TEST(message([&] { sum(x, 2, Reduced::drop, line); }) ==
               "mgu.cpp:23: sum: there is no axis 2 in the shape [2,5]");
}

BOOST_AUTO_TEST_CASE(name_the_line_of_the_user) {
    std::string const here = "error.cpp:" + std::to_string(__LINE__ + 1) + ": ";
    auto const add         = [&] { static_cast<void>(Var(x + h)); };
    BOOST_TEST(message(add).starts_with(here));
    std::string const there = "error.cpp:" + std::to_string(__LINE__ + 1) + ": ";
    BOOST_TEST(message([&] { Var y(linear(x, Wf)); }).starts_with(there));
}

BOOST_AUTO_TEST_CASE(of_handles) {
    Tape other;
    Var none, y = other.input(1.0, "y"), old = other.input(1.0);
    BOOST_TEST(message([&] { Var z(x + y, line); }) == "mgu.cpp:23: y is on another tape");
    BOOST_TEST(message([&] { none.shape(line); }) ==
               "mgu.cpp:23: an empty Var was used: it was declared, but no value was assigned to it");
    other.rewind();
    BOOST_TEST(message([&] { Var z(old + 1, line); }) ==
               "mgu.cpp:23: this Var was recorded before its tape was rewound");
    BOOST_TEST(message([&] { x.item(line); }) == "mgu.cpp:23: item() wants one element, x has the shape [2,5]");
    BOOST_TEST(message([&] { x.value<double>(line); }) == "mgu.cpp:23: x is float32, not float64");
    BOOST_TEST(message([&] { static_cast<void>(x[At(2, line)]); }) ==
               "mgu.cpp:23: index 2 is outside x, whose first axis has size 2");
}

BOOST_AUTO_TEST_CASE(of_sweeps) {
    BOOST_TEST(message([&] { backward(x, Keep::leaves, line); }) ==
               "mgu.cpp:23: backward wants a scalar, x has the shape [2,5]: sum it, or pass a seed of its shape");
}

BOOST_AUTO_TEST_SUITE_END()
