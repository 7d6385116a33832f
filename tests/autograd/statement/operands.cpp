// What may stand beside a Var in a formula.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using Floats = xt::xarray<float>;

struct Neighbours {
    Tape tape;
    Floats n{{1, 2}, {3, 5}}, m{{10, 20}, {40, 80}};
    Var x = tape.input(n);

    bool is(Var const& got, Floats const& expected) const { return xt::allclose(got.value<float>(), expected); }
    bool slope(Var const& y, Floats const& expected) const {
        return xt::allclose(backward(sum(y))[x].value<float>(), expected);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(operands, Neighbours)

BOOST_AUTO_TEST_CASE(numbers_of_every_type) {
    BOOST_TEST((is(x + 1, n + 1) && is(1 + x, n + 1) && is(x - 2u, n - 2) && is(2.5f - x, 2.5f - n)));
    BOOST_TEST(
        (is(x * 2.0, n * 2) && is(3L * x, n * 3) && is(x / 4, n / 4) && is(4 / x, 4 / n) && is(x / short{2}, n / 2)));
    BOOST_TEST(
        (slope(x / 4, xt::ones_like(n) * 0.25f) && slope(4 / x, -4 / (n * n)) && slope(7 - x, -xt::ones_like(n))));
}

BOOST_AUTO_TEST_CASE(parameters_on_either_side) {
    Params params;
    Param& w = params.zeros("w", {2, 2});
    w.assign(m);
    Param const& read = w;
    BOOST_TEST((is(x + w, n + m) && is(w + x, n + m) && is(x - w, n - m) && is(w - x, m - n)));
    BOOST_TEST((is(x * read, n * m) && is(read * x, n * m) && is(x / w, n / m) && is(read / x, m / n)));
    BOOST_TEST((is((x + 1) * w, (n + 1) * m) && is(w * (x + 1), (n + 1) * m)));
    BOOST_TEST((slope(w / x, -m / (n * n)) && slope(w - x, -xt::ones_like(n))));
    BOOST_TEST((backward(sum(x * w))[w].value<float>() == n));
}

BOOST_AUTO_TEST_CASE(arrays_on_either_side) {
    Floats const& c = m;
    BOOST_TEST((is(x + m, n + m) && is(m + x, n + m) && is(x - m, n - m) && is(m - x, m - n)));
    BOOST_TEST((is(x * c, n * m) && is(c * x, n * m) && is(x / c, n / m) && is(c / x, m / n)));
    BOOST_TEST((is(x * Floats(m), n * m) && is(Floats(m) * x, n * m)));
    BOOST_TEST((is((x + 1) / m, (n + 1) / m) && is(m / (x + 1), m / (n + 1))));
    BOOST_TEST((slope(m / x, -m / (n * n)) && slope(m - x, -xt::ones_like(n)) && slope(m * x, m)));
    BOOST_TEST(!Var(m * x).tape()[Var(m * x).window().node - 1].requires_grad);
}

BOOST_AUTO_TEST_CASE(arrays_of_other_kinds) {
    xt::xtensor<double, 2> const t = m;
    xt::xtensor_fixed<int, xt::xshape<2, 2>> f{{1, 2}, {3, 4}};
    BOOST_TEST((is(x + t, n + m) && is(t - x, m - n) && is(x * f, n * f) && is(f / x, f / n)));
    xt::xarray<float, xt::layout_type::column_major> const columns = m;
    BOOST_TEST((is(x + columns, n + m) && is(columns * x, n * m)));
}

BOOST_AUTO_TEST_CASE(expressions_on_either_side) {
    BOOST_TEST((is(x + (m + 1), n + m + 1) && is((m + 1) + x, n + m + 1) && is(x - m * 2, n - 2 * m) &&
                is(m * 2 - x, 2 * m - n)));
    BOOST_TEST((is(x * xt::view(m, 0), n * xt::view(m, 0)) && is(xt::view(m, 1) / x, xt::view(m, 1) / n)));
    BOOST_TEST((is(x + xt::view(m, xt::all(), xt::range(0, 1)), n + xt::view(m, xt::all(), xt::range(0, 1)))));
    BOOST_TEST((is(xt::transpose(m) * x, xt::transpose(m) * n) && is(x / xt::exp(m), n / xt::exp(m)) &&
                is(xt::ones<float>({2, 2}) - x, 1 - n)));
    BOOST_TEST((is(x * xt::sum(m), n * 150) && is(xt::sum(m) * x, n * 150)));
    BOOST_TEST((slope(xt::view(m, 1) / x, -xt::view(m, 1) / (n * n))));
}

// A term copies plain arrays at once: nothing dangles.
BOOST_AUTO_TEST_CASE(an_array_may_change_after_it_was_used) {
    Floats c     = m;
    auto const e = x * c;
    c.fill(0);
    BOOST_TEST(is(e, n * m));
}

BOOST_AUTO_TEST_CASE(values_are_xtensor_arrays) {
    BOOST_TEST((xt::sum(x.value<float>())() == 11 && (x.value<float>() * 2 == n * 2)));
    BOOST_TEST((transpose(x).value<float>() == xt::transpose(n)));
    BOOST_TEST((x[1].value<float>() + m == xt::view(n, 1) + m));
    BOOST_TEST(is(tape.input(x.value<float>() + 1), n + 1));
}

BOOST_AUTO_TEST_SUITE_END()
