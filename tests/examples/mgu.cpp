// The cell of the README: its gradients, its equations, and its size.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <mgu.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>

namespace {

xt::xarray<double> noise(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<double> out = xt::zeros<double>(shape);
    Random random(seed);
    for (double& x : out) x = random.normal();
    return out;
}

/// Of cells with biases that are not zero.
struct Fixture {
    Params params{5, float64};
    Mgu mgu{params / "mgu", 3, 4};

    Fixture() {
        mgu.bf.assign(noise({4}, 11));
        mgu.bn.assign(noise({4}, 12));
    }
};

double dot(Param const& w, Index row, auto const& x) {
    double sum = 0;
    for (Index k = 0; k < w.shape()[1]; ++k) sum += w.value<double>()(row, k) * x(k);
    return sum;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(mgu, Fixture)

BOOST_AUTO_TEST_CASE(gradients_are_right_over_several_steps) {
    auto const steps = [&](Tape&, auto in) -> Var { return stack(scan(mgu, in[0], in[1]).outputs); };
    BOOST_TEST(gradcheck(steps, {{"xs", noise({5, 2, 3}, 1)}, {"h0", noise({2, 4}, 2)}}, params));
    BOOST_TEST(gradcheck(mgu));
}

BOOST_AUTO_TEST_CASE(a_step_follows_the_equations_of_the_paper) {
    auto const x = noise({3}, 3), h0 = noise({4}, 4);
    Tape tape(float64);
    Var const h = mgu(tape.constant(x), tape.constant(h0));

    xt::xarray<double> f = xt::zeros<double>({4}), n = f;
    for (Index i = 0; i < 4; ++i)
        f(i) = 1 / (1 + std::exp(-dot(mgu.Wf.weight, i, x) - dot(mgu.Uf.weight, i, h0) - mgu.bf.value<double>()(i)));
    xt::xarray<double> const fh = f * h0;
    for (Index i = 0; i < 4; ++i) {
        n(i) = std::tanh(dot(mgu.Wn.weight, i, x) + dot(mgu.Un.weight, i, fh) + mgu.bn.value<double>()(i));
        double const wanted = (1 - f(i)) * h0(i) + f(i) * n(i);
        BOOST_TEST(std::abs(h.value<double>()(i) - wanted) < 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(the_cell_has_thirty_lines_at_most) {
    std::ifstream in(UNSPOOL_SOURCE_DIR "/examples/mgu.hpp");
    int lines   = 0;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        inside = inside || line.starts_with("struct Mgu");
        lines += inside;
    }
    BOOST_TEST(lines > 10);
    BOOST_TEST(lines <= 30);
}

BOOST_AUTO_TEST_SUITE_END()
