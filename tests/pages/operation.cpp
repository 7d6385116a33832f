// An elementwise operation, as CONTRIBUTING.md adds one.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

namespace contributed {  // to the library

using unspool::core::About, unspool::core::Interval, unspool::core::Symbolic, unspool::core::apply;

/// Of Barron, "Squareplus: a softplus-like algebraic rectifier" (2021).
struct Squareplus {
    static constexpr auto name   = "squareplus";
    static constexpr auto c      = "return (x + sqrt$(x * x + 4)) / 2;";
    static constexpr auto domain = Interval{-3, 3};
    static constexpr About about{"(x + √(x² + 4)) / 2", "y / (2y − x)", "Var y = squareplus(x);"};
    template <class V> static V f(V x) { return (x + sqrt(x * x + V(4))) / V(2); }
    template <class V> static V df(V x, V y) { return y / (V(2) * y - x); }
};
template <Symbolic A> auto squareplus(A const& x) { return apply<Squareplus>(x); }

}  // namespace contributed

namespace {

xt::xarray<double> const points{-2.5, -0.3, 0, 0.7, 2.9};

}  // namespace

BOOST_AUTO_TEST_SUITE(contributed_operation)

BOOST_AUTO_TEST_CASE(it_computes_its_formula) {
    Tape tape(float64);
    Var y = contributed::squareplus(tape.input(points, "x"));
    for (std::size_t i = 0; i < points.size(); ++i)
        BOOST_TEST(y.value<double>()(i) == (points(i) + std::hypot(points(i), 2)) / 2,
                   boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(its_derivatives_are_those_of_differences) {
    auto const f = [](Tape&, auto in) -> Var { return contributed::squareplus(in[0]); };
    BOOST_TEST(gradcheck(f, {{"x", points}}));
    BOOST_TEST(gradcheck(differentiated(f), {{"x", points}}));
}

BOOST_AUTO_TEST_SUITE_END()
