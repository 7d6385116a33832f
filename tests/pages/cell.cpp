// A cell, as CONTRIBUTING.md adds one.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// A layer of leaky units, of Jaeger et al., "Optimization and applications of echo state networks with leaky-integrator neurons" (2007):
///     h' = (1 − α) ⊙ h + α ⊙ tanh(W x + U h + b)
struct LeakyCell {
    nn::Linear W, U;
    Param& alpha;

    LeakyCell(Params p, Index in, Index hidden)
        : W(p / "W", in, hidden), U(p / "U", hidden, hidden, nn::no_bias), alpha(p.constant("alpha", {hidden}, 0.3)) {}

    Var operator()(Var x, Var h0) const {
        Var h = (1 - alpha) * h0 + alpha * tanh(W(x) + U(h0));
        return h;
    }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, U.out()}); }
};

struct LeakyFixture {
    Params params{3, float64};
    LeakyCell cell{params / "leaky", 2, 3};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(contributed_cell, LeakyFixture)

BOOST_AUTO_TEST_CASE(a_step_is_the_equation) {
    Tape tape(float64);
    auto const x = xt::xarray<double>{{0.4, -0.2}}, h = xt::xarray<double>{{0.1, 0.5, -0.7}};
    Var y = cell(tape.input(x, "x"), tape.input(h, "h"));
    for (std::size_t i = 0; i < 3; ++i) {
        double z = cell.W.bias->value<double>()(i);
        for (std::size_t k = 0; k < 2; ++k) z += cell.W.weight.value<double>()(i, k) * x(0, k);
        for (std::size_t k = 0; k < 3; ++k) z += cell.U.weight.value<double>()(i, k) * h(0, k);
        BOOST_TEST(y.value<double>()(0, i) == 0.7 * h(0, i) + 0.3 * std::tanh(z), boost::test_tools::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(its_gradients_are_right_over_several_steps) {
    BOOST_TEST(gradcheck(cell));
    BOOST_TEST(gradcheck(cell, {.order = 2}));
}

BOOST_AUTO_TEST_SUITE_END()
