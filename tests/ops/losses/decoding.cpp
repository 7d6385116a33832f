// Divergences of Gaussians, best paths, and distances between sequences.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <ops/checks.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using DecodedTypes = boost::mpl::list<float, double>;
using Path         = std::vector<Index>;
using Paths        = std::vector<Path>;

/// ∫ p (ln p − ln q), by the trapezoidal rule, which is exact to rounding for what vanishes at both ends.
double divergence_by_quadrature(double m, double log_v, double n, double log_w) {
    auto const log_density = [](double x, double mean, double log_variance) {
        return -0.5 *
               (std::log(2 * std::acos(-1.0)) + log_variance + (x - mean) * (x - mean) * std::exp(-log_variance));
    };
    double const sigma = std::exp(log_v / 2), step = sigma / 50;
    double sum = 0;
    for (double x = m - 12 * sigma; x < m + 12 * sigma; x += step)
        sum += std::exp(log_density(x, m, log_v)) * (log_density(x, m, log_v) - log_density(x, n, log_w));
    return sum * step;
}

/// Log-probabilities [T,B,C] with these classes on top.
xt::xarray<double> emitting(std::vector<Path> const& classes, std::size_t c) {
    xt::xarray<double> out = xt::zeros<double>({classes[0].size(), classes.size(), c}) - 5.0;
    for (std::size_t b = 0; b < classes.size(); ++b)
        for (std::size_t t = 0; t < classes[b].size(); ++t) out(t, b, std::size_t(classes[b][t])) = -0.1;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gaussian_divergences)

BOOST_AUTO_TEST_CASE_TEMPLATE(are_their_integrals, T, DecodedTypes) {
    for (auto [m, v, n, w] : std::initializer_list<std::array<double, 4>>{
             {0.3, -0.5, 0, 0}, {-2, 1.5, 0, 0}, {0.3, -0.5, 1, 0.7}, {1, 2, -1, -1}}) {
        Tape tape(dtype_of<T>);
        Var const mean = tape.input(m), log_variance = tape.input(v), other = tape.input(n);
        double const want = divergence_by_quadrature(m, v, n, w);
        auto const near   = boost::test_tools::tolerance(std::same_as<T, float> ? 1e-5 : 1e-10);
        BOOST_TEST(gaussian_kl(mean, log_variance, other, w).item() == want, near);
        BOOST_TEST(gaussian_kl(mean, log_variance, n, tape.input(w)).item() == want, near);
        if (n == 0 && w == 0) BOOST_TEST(gaussian_kl(mean, log_variance).item() == want, near);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_one_from_itself_is_zero_and_lowest, T, DecodedTypes) {
    Tape tape(dtype_of<T>);
    for (double v : {0.0, 1e-4, -3.0, 50.0}) {
        Var m = tape.input(1.25), l = tape.input(v);
        Var const y = gaussian_kl(m, l, m, l);
        BOOST_TEST(y.item() == 0);
        BOOST_TEST(backward(gaussian_kl(m, l, 1.25, v))[l].template value<T>()() == T(0));
    }
}

BOOST_AUTO_TEST_CASE(are_summed_or_averaged_as_losses_are) {
    Tape tape(float64);
    Var m = tape.input(xt::xarray<double>{{0, 1}, {2, 3}}), l = unsqueeze(tape.input(xt::xarray<double>{0, 0}), 0);
    BOOST_TEST(gaussian_kl(m, l).item() == 14.0 / 8);
    BOOST_TEST(gaussian_kl(m, l, Over::sum).item() == 7);
    BOOST_TEST(
        golden::near(gaussian_kl(m, l, 1, 0, Over::none).value<double>(), xt::xarray<double>{{0.5, 0}, {0.5, 2}}, 0));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(decoding)

BOOST_AUTO_TEST_CASE_TEMPLATE(merges_repetitions_and_drops_blanks, T, DecodedTypes) {
    Paths const emitted{{1, 1, 0, 1, 2, 2}, {0, 0, 0, 0, 0, 0}, {3, 2, 2, 0, 0, 2}};
    Tape tape(dtype_of<T>);
    Var const x = tape.constant(emitting(emitted, 4));
    BOOST_TEST((ctc_decode(x) == Paths{{1, 1, 2}, {}, {3, 2, 2}}));
    BOOST_TEST((ctc_decode(x, {4, 6, 0}) == Paths{{1, 1}, {}, {}}));
    BOOST_TEST((ctc_decode(x, {}, 2) == Paths{{1, 0, 1}, {0}, {3, 0}}));
    BOOST_TEST((ctc_decode(flip(x, 0)) == Paths{{2, 1, 1}, {}, {2, 2, 3}}));
    BOOST_TEST(
        (ctc_decode(tape.constant(xt::zeros<double>({3, 1, 2}))) == Paths{{}}));  // the first, where they are equal
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_batch) {
    Tape tape(float64);
    Var const x = tape.input(emitting({{1, 2}}, 3), "x");
    BOOST_CHECK_THROW(ctc_decode(x[0]), ShapeError);
    BOOST_CHECK_THROW(ctc_decode(x, {1, 2}), ShapeError);
    BOOST_CHECK_THROW(ctc_decode(x, {3}), IndexError);
    BOOST_CHECK_THROW(ctc_decode(x, {-1}), IndexError);
    BOOST_CHECK_THROW(ctc_decode(x, {}, 3), IndexError);
    BOOST_CHECK_EXCEPTION(ctc_decode(x, {}, -1, {"a/net.cpp", 7}), IndexError, [](Error const& e) {
        return std::string(e.what()).starts_with("net.cpp:7: ctc_decode: the blank, -1, is not one of 3 classes");
    });
}

/// As it is defined, without memory.
Index distance_by_recursion(std::span<Index const> a, std::span<Index const> b) {
    if (a.empty() || b.empty()) return std::ssize(a) + std::ssize(b);
    if (a[0] == b[0]) return distance_by_recursion(a.subspan(1), b.subspan(1));
    return 1 + std::min({distance_by_recursion(a.subspan(1), b), distance_by_recursion(a, b.subspan(1)),
                         distance_by_recursion(a.subspan(1), b.subspan(1))});
}

BOOST_AUTO_TEST_CASE(edits_are_counted) {
    auto const of = [](std::string_view a, std::string_view b) {
        return edit_distance(Path(a.begin(), a.end()), Path(b.begin(), b.end()));
    };
    BOOST_TEST(of("kitten", "sitting") == 3);
    BOOST_TEST(of("saturday", "sunday") == 3);
    BOOST_TEST(of("", "abc") == 3);
    BOOST_TEST(of("abc", "") == 3);
    BOOST_TEST(of("", "") == 0);
    Random random(3);
    for (int turn = 0; turn < 50; ++turn) {
        Path a(random.below(7)), b(random.below(7));
        for (Path* p : {&a, &b})
            for (Index& c : *p) c = static_cast<Index>(random.below(3));
        BOOST_TEST(edit_distance(a, b) == distance_by_recursion(a, b));
    }
}

BOOST_AUTO_TEST_SUITE_END()
