// Random numbers that agree on every platform.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <iterator>
#include <sstream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/array/random.hpp>

using namespace unspool;
using namespace unspool::core;

BOOST_AUTO_TEST_SUITE(random_numbers)

// Computed by a Mersenne twister written in Python.  The normal ones pass through the platform's log and cos.
BOOST_AUTO_TEST_CASE(the_sequence_of_a_seed) {
    Random u(42), z(42), k(42);
    for (double expected : {0.755155532954539, 0.6390313938546974, 0.7521452007480266, 0.13627268363243705})
        BOOST_TEST(u.uniform() == expected);
    for (double expected : {-1.0771745442782885, 1.0945198485006107, 1.7947316657951717, -0.912125155644141})
        BOOST_TEST(std::abs(z.normal() - expected) < 1e-14);
    for (unsigned expected : {406u, 824u, 450u, 662u}) BOOST_TEST(k.below(1000) == expected);
}

BOOST_AUTO_TEST_CASE(moments) {
    Random r(1);
    int const n = 200'000;
    double u[2] = {}, z[4] = {};
    for (int i = 0; i < n; ++i) {
        double const a = r.uniform(), b = r.normal();
        u[0] += a, u[1] += a * a;
        z[0] += b, z[1] += b * b, z[2] += b * b * b, z[3] += b * b * b * b;
        BOOST_REQUIRE((a >= 0 && a < 1));
    }
    auto const near = [&](double sum, double expected, double deviation) {  // within four standard errors
        return std::abs(sum / n - expected) < 4 * deviation / std::sqrt(n);
    };
    BOOST_TEST((near(u[0], 0.5, 0.29) && near(u[1], 1.0 / 3, 0.30)));
    BOOST_TEST((near(z[0], 0, 1) && near(z[1], 1, 1.42) && near(z[2], 0, 3.88) && near(z[3], 3, 9.8)));
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_from_its_state) {
    Random a(3), b(4);
    for (int i = 0; i < 400; ++i) a.uniform();
    std::string const state = a.state();
    b.state(state);
    BOOST_TEST((a == b && b.state() == state));
    for (int i = 0; i < 400; ++i) BOOST_REQUIRE(a.normal() == b.normal());
    BOOST_TEST(!(a == Random(3)));
    for (std::string const& bad : {std::string(), std::string("1"), state + " ", state + " 1", " " + state, "+" + state,
                                   state.substr(0, state.rfind(' '))}) {
        Random const before = b;
        BOOST_CHECK_THROW(b.state(bad), ValueError);
        BOOST_TEST((b == before));
    }
}

BOOST_AUTO_TEST_CASE(no_stream_of_zeros_is_taken) {
    Random a(3);
    std::istringstream in(a.state());
    std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    auto const with_first = [&](std::uint64_t first) {
        std::string out = std::to_string(first);
        for (std::size_t k = 1; k < words.size(); ++k) out += k < 312 ? " 0" : " " + words[k];
        return out;
    };
    for (std::uint64_t first : {0ull, 1ull, (1ull << 31) - 1})  // of which the lower 31 bits go nowhere
        BOOST_CHECK_THROW(a.state(with_first(first)), ValueError);
    a.state(with_first(1ull << 31));
    double most = 0;
    for (int i = 0; i < 2000; ++i) most = std::max(most, a.uniform());
    BOOST_TEST(most > 0);
    BOOST_CHECK_THROW(a.below(0), ValueError);
}

BOOST_AUTO_TEST_CASE(intervals) {
    Random r(2);
    double low = 10, high = -10;
    for (int i = 0; i < 10'000; ++i) {
        double const x = r.uniform(-3, 5);
        low = std::min(low, x), high = std::max(high, x);
    }
    BOOST_TEST((low >= -3 && low < -2.99 && high < 5 && high > 4.99));
}

BOOST_AUTO_TEST_CASE(numbers_below_n_are_equally_likely) {
    Random r(3);
    std::array<int, 7> seen{};
    for (int i = 0; i < 70'000; ++i) ++seen[r.below(7)];
    for (int n : seen) BOOST_TEST(std::abs(n - 10'000) < 400);
    for (int i = 0; i < 100; ++i) BOOST_TEST(r.below(1) == 0u);
    // More than half of the engine's range: without rejection the lower numbers would come twice as often.
    std::uint64_t const most = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
    int lower                = 0;
    for (int i = 0; i < 30'000; ++i) lower += r.below(most) < most / 3;
    BOOST_TEST(std::abs(lower - 10'000) < 400);
}

BOOST_AUTO_TEST_SUITE_END()
