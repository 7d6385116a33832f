// Choices by a mask select, forward and backward: what is not taken may be infinite or NaN, and so may its derivatives.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <ops/checks.hpp>
#include <unspool/autograd/tape/label.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;
using Types = boost::mpl::list<float, double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Taken {
    Tape tape;
    Var x;
    explicit Taken(Dtype d, Doubles const& at) : tape(d), x(tape.input(at, "x")) {}
    /// Are these the value and the gradient?
    template <Real T> bool is(Var const& y, xt::xarray<T> const& value, xt::xarray<T> const& gradient) {
        return y.value<T>() == value && backward(sum(y))[x].template value<T>() == gradient;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(choices)

BOOST_AUTO_TEST_CASE_TEMPLATE(the_branch_that_is_not_taken_is_harmless, T, Types) {
    Taken t(dtype_of<T>, {-2, -0.0, 0, 1, 4, -inf, not_a_number});
    Var x = t.x;
    BOOST_TEST(t.template is<T>(where(x > 0, sqrt(x), 0), {0, 0, 0, 1, 2, 0, 0}, {0, 0, 0, 0.5, 0.25, 0, 0}));
    BOOST_TEST(t.template is<T>(where(x > 0, 1 / x, 0), {0, 0, 0, 1, 0.25, 0, 0}, {0, 0, 0, -1, -0.0625, 0, 0}));
    BOOST_TEST(t.template is<T>(where(x <= 0, 0, where(x > 0, x / sqrt(x * x * x * x), 7)), {0, 0, 0, 1, 0.25, 0, 7},
                                {0, 0, 0, -1, -0.0625, 0, 0}));
    BOOST_TEST(t.template is<T>(2 * where(x > 0, 3 + rsqrt(x), x > 100) * 0.5, {0, 0, 0, 4, 3.5, 0, 0},
                                {0, 0, 0, -0.5, -0.0625, 0, 0}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_logarithm_of_what_is_positive, T, Types) {
    Taken t(dtype_of<T>, {-1, 0, 1, 2});
    Var y = where(t.x > 0, log(t.x), 0);
    BOOST_TEST(t.template is<T>(y, {0, 0, 0, std::log(T(2))}, {0, 0, 1, 0.5}));
}

BOOST_AUTO_TEST_CASE(an_infinite_adjoint_does_not_reach_the_other_branch) {
    Tape tape(float64);
    Var a = tape.input(Doubles{1, 2, 3}), b = tape.input(Doubles{4, 5, 6}), m = tape.input(Doubles{1, 0, not_a_number});
    Gradients const g = backward(Var(where(m, a, b)), Doubles{inf, not_a_number, -inf});
    BOOST_TEST((g[a].value<double>() == Doubles{inf, 0, -inf}));
    BOOST_TEST(g[b].value<double>()(0) == 0);
    BOOST_TEST(std::isnan(g[b].value<double>()(1)));
    BOOST_TEST((g[m].value<double>() == Doubles{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(nan_passes_the_branch_that_is_taken) {
    Tape tape(float64);
    Var x = tape.input(Doubles{not_a_number, 1});
    BOOST_TEST(std::isnan(Var(where(tape.constant(1.0), sqrt(x), 0)).value<double>()(0)));
    BOOST_TEST(std::isnan(backward(sum(where(tape.constant(1.0), sqrt(x), 0)))[x].value<double>()(0)));
}

BOOST_AUTO_TEST_CASE(masks_of_comparisons) {
    auto const f = [](Tape&, Inputs x) -> Var {
        return where((x[0] > 0.3) * (x[0] < x[1]), square(x[0]) * x[1], tanh(x[0]) - x[1]);
    };
    GradReport r = gradcheck(f, {ordinary({5, 7}, 1), ordinary({7}, 2)});
    BOOST_TEST(r, r);
    BOOST_TEST(r.worst_error() < 1e-7, r);
}

BOOST_AUTO_TEST_CASE(straight_through_has_the_value_of_one_and_the_gradient_of_the_other) {
    Tape tape(float64);
    Var x = tape.input(Doubles{0, 0.5, 1.5, 2.25}), z = tape.input(Doubles{1, 2, 1, 0});
    Var y             = straight_through(square(x), round(x) + log(z));
    Gradients const g = backward(sum(y * 3));
    BOOST_TEST((g[x].value<double>() == Doubles{0, 3, 9, 13.5}));
    BOOST_TEST((g[z].value<double>() == Doubles{0, 0, 0, 0}));
    BOOST_TEST(y.value<double>()(2) == 2);
}

BOOST_AUTO_TEST_CASE(a_spike_has_the_derivative_of_a_fast_sigmoid) {
    Tape tape(float64);
    Var x = tape.input(Doubles{-1.75, -0.25, 0, 0.75}), slope = tape.input(4.0);
    Var y             = spike(x, slope);
    Gradients const g = backward(sum(y * 3));
    BOOST_TEST((y.value<double>() == Doubles{0, 0, 0, 1}));
    BOOST_TEST((g[x].value<double>() == Doubles{3.0 / 64, 0.75, 3, 3.0 / 16}));
    BOOST_TEST(g[slope].value<double>()() == 0);
}

template <Real T> bool all_finite(xt::xarray<T> const& x) {
    return std::all_of(x.begin(), x.end(), [](T e) { return std::isfinite(e); });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(values_and_derivatives_are_finite_where_they_should_be, T, Types) {
    T const largest = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::denorm_min();
    xt::xarray<T> at{0,    T(-0.0), least, -least, T(1e-8), T(-1e-8), 17,      -17,      50,          -50,
                     100,  -100,    800,   -800,   10000,   -10000,   T(1e20), T(-1e20), T(1e30),     T(-1e30),
                     T(3), T(-3),   T(1),  T(-1),  T(88.5), T(-88.5), largest, -largest, largest / 2, -largest / 2};
    Taken t(dtype_of<T>, at);
    Var x = t.x;
    for (Var const& y : {Var(sigmoid(x)), Var(tanh(x)), Var(softplus(x)), Var(log_sigmoid(x)), Var(silu(x)),
                         Var(gelu(x)), Var(gelu_tanh(x)), Var(elu(x)), Var(selu(x / 2)), Var(softsign(x)),
                         Var(hard_sigmoid(x)), Var(hard_tanh(x)), Var(erf(x)), Var(atan(x))}) {
        BOOST_TEST(all_finite<T>(y.value<T>()), label(t.tape, y.window()));
        BOOST_TEST(all_finite<T>(backward(sum(y))[x].template value<T>()), label(t.tape, y.window()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
