// Numbers whose squares are none, and lists far from zero.
#include <array>
#include <boost/mp11/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xarray.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using BothTypes = boost::mp11::mp_list<float, double>;

template <Real T> void near_to(Var const& got, std::vector<double> const& want, double relative) {
    auto const values = got.value<T>();
    for (std::size_t j = 0; j < want.size(); ++j)
        BOOST_TEST(std::abs(static_cast<double>(values(j)) - want[j]) <= relative * std::abs(want[j]),
                   j << ": " << values(j) << ", not " << want[j]);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(extremes_of_lists)

BOOST_AUTO_TEST_CASE_TEMPLATE(norms_know_no_size, T, BothTypes) {
    double const large = std::is_same_v<T, float> ? 1e20 : 1e160, small = 1 / large,
                 tol = std::is_same_v<T, float> ? 1e-6 : 1e-14;
    std::vector<double> const x{1, -2, 3}, centred{1.0 / 3, -8.0 / 3, 7.0 / 3};
    double const deviation = std::sqrt((1.0 + 64 + 49) / 27), root = std::sqrt(14.0 / 3);
    for (double size : {1.0, large, small}) {
        Tape tape(dtype_of<T>);
        xt::xarray<double> given{x[0] * size, x[1] * size, x[2] * size};
        Var const v = tape.input(given);
        std::vector<double> normed, rms;
        for (std::size_t j = 0; j < 3; ++j) normed.push_back(centred[j] / deviation), rms.push_back(x[j] / root);
        near_to<T>(layer_norm(v, -1, 0), normed, 4 * tol);
        near_to<T>(rms_norm(v, -1, 0), rms, 4 * tol);
        near_to<T>(reshape(stddev(v), {1}), {deviation * std::sqrt(1.5) * size}, 4 * tol);
        std::vector<double> slopes;
        for (double d : centred) slopes.push_back(d / 2 / (deviation * std::sqrt(1.5)));
        near_to<T>(tape.constant(backward(stddev(v))[v].template value<T>()), slopes, 10 * tol);
        Var const y        = sum(layer_norm(v, -1, 0) * tape.constant(std::vector<double>{1, 0, 0}));
        double const slope = (1 - 1.0 / 3 - normed[0] * normed[0] / 3) / deviation / size;
        near_to<T>(tape.constant(backward(y)[v].template value<T>()), {slope}, 20 * tol);
    }
}

/// Lists of any size, spread and length, normalised with the usual eps: as in long double.
BOOST_AUTO_TEST_CASE_TEMPLATE(lists_of_any_size_are_normalised, T, BothTypes) {
    double const most = std::numeric_limits<T>::max_exponent10, tol = 400 * std::numeric_limits<T>::epsilon();
    std::mt19937_64 random(3);
    auto const between = [&](double a, double b) { return std::uniform_real_distribution<double>(a, b)(random); };
    for (int k = 0; k < 3000; ++k) {
        std::size_t const n = 2 + random() % 70, lists = 1 + random() % 9;
        auto x = xt::xarray<double>::from_shape({lists, n});
        long double want[9][3]{};  // the mean, the mean square of distances, and that of numbers, of each list
        for (std::size_t l = 0; l < lists; ++l) {
            double const size = std::pow(10, between(-most / 3, most - 2)), offset = between(-1, 1);
            for (std::size_t j = 0; j < n; ++j) x(l, j) = static_cast<T>(size * (offset + between(-1, 1)));
            auto& w = want[l];
            for (std::size_t j = 0; j < n; ++j) w[0] += static_cast<long double>(x(l, j)) / n;
            for (std::size_t j = 0; j < n; ++j)
                w[1] += (x(l, j) - w[0]) * (x(l, j) - w[0]) / n,
                    w[2] += static_cast<long double>(x(l, j)) * x(l, j) / n;
        }
        Tape tape(dtype_of<T>);
        Var const v     = tape.input(x);
        auto const norm = layer_norm(v).template value<T>(), rms = rms_norm(v).template value<T>();
        auto const apart = stddev(v, -1).template value<T>(), variance = var(v, -1).template value<T>();
        for (std::size_t l = 0; l < lists; ++l) {
            long double const square = want[l][1] * n / (n - 1);
            BOOST_TEST(std::abs(apart(l) / std::sqrt(square) - 1) < tol, k << ": " << apart(l));
            if (square < std::numeric_limits<T>::max() && square > std::numeric_limits<T>::min())
                BOOST_TEST(std::abs(variance(l) / square - 1) < tol, k << ": " << variance(l));
            else if (square > std::numeric_limits<T>::max()) BOOST_TEST(std::isinf(variance(l)), k);
            for (std::size_t j = 0; j < n; ++j) {
                BOOST_TEST(std::abs(norm(l, j) - (x(l, j) - want[l][0]) / std::sqrt(want[l][1] + 1e-5L)) < tol, k);
                BOOST_TEST(std::abs(rms(l, j) - x(l, j) / std::sqrt(want[l][2] + 1e-5L)) < tol, k);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(variances_far_from_zero) {
    Tape tape;
    auto x       = xt::xarray<double>::from_shape({4, 64});
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) x.flat(i) = std::sin(1.7 * double(i) + 0.4);
    for (double offset : {1e5, 1e6}) {
        xt::xarray<float> const given = xt::cast<float>(x + offset);
        auto const got                = var(tape.constant(given), -1).value<float>();
        for (std::size_t l = 0; l < 4; ++l) {
            double mean = 0, square = 0;
            for (std::size_t j = 0; j < 64; ++j) mean += double(given(l, j)) / 64;
            for (std::size_t j = 0; j < 64; ++j) square += (given(l, j) - mean) * (given(l, j) - mean) / 63;
            worst = std::max(worst, std::abs(got(l) / square - 1));
        }
    }
    BOOST_TEST(worst < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_list_far_from_zero_is_normalised_as_one_near_it) {
    for (double offset : {0.0, 1e3, 1e5, 1e6}) {
        Tape tape;
        std::vector<float> given;
        for (int j = 0; j < 40; ++j) given.push_back(static_cast<float>(offset + std::sin(1.0 + 3 * j)));
        double mean = 0, square = 0;
        for (float v : given) mean += v / 40.0;
        for (float v : given) square += (v - mean) * (v - mean) / 40;
        std::vector<double> want;
        for (float v : given) want.push_back((v - mean) / std::sqrt(square + 1e-5));
        auto const got = layer_norm(tape.constant(given)).value<float>();
        for (std::size_t j = 0; j < 40; ++j)
            BOOST_TEST(std::abs(got(j) - want[j]) < 2e-6, offset << " " << got(j) - want[j]);
    }
}

BOOST_AUTO_TEST_CASE(softmax_and_its_logarithm_are_nan_together) {
    constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    for (auto const& x :
         {xt::xarray<double>{inf, 0, 1}, {-inf, -inf, -inf}, {0, nan, 1}, {inf, nan, 1}, {nan, inf, -inf}}) {
        Tape tape(float64);
        Var const v = tape.input(x), p = softmax(v), l = log_softmax(v),
                  ce = cross_entropy(reshape(v, {1, 3}), std::array{1});
        for (std::size_t j = 0; j < 3; ++j) {
            BOOST_TEST(std::isnan(p.value<double>()(j)));
            BOOST_TEST(std::isnan(l.value<double>()(j)));
        }
        BOOST_TEST(std::isnan(ce.item()));
    }
    Tape tape(float64);
    BOOST_TEST(logsumexp(tape.input(xt::xarray<double>{0, inf, 1})).item() == inf);
    BOOST_TEST(std::isnan(logsumexp(tape.input(xt::xarray<double>{nan, inf, 1})).item()));
    BOOST_TEST(std::isnan(logsumexp(tape.input(xt::xarray<double>{inf, nan, 1})).item()));
}

BOOST_AUTO_TEST_SUITE_END()
