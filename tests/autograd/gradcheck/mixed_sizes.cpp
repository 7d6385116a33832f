// Results of very different sizes, right and wrong, at random: residues of rounding beside large values, masks, probabilities that are 1 but
// for a rounding.  No right function is blamed, and a wrong one does not pass.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <random>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace mixed_sizes {

namespace {

using Array1 = xt::xarray<double>;
using Choose = std::mt19937_64;

double between(Choose& c, double low, double high) { return std::uniform_real_distribution<double>(low, high)(c); }
std::size_t below(Choose& c, std::size_t n) { return static_cast<std::size_t>(c() % n); }

struct AlmostSin {
    static constexpr auto name = "almost_sin";
    template <class V> static V f(V x) { return sin(x); }
    template <class V> static V df(V x, V) { return V(1.0009765625f) * cos(x); }
};

/// A sine that is right (0), or wrong in one of four ways.
Var sine(Var x, std::size_t how) {
    switch (how) {
        case 1: return apply<AlmostSin>(x);
        case 2: return apply<BadSin>(x);
        case 3: return 0.9 * sin(x) + 0.1 * sin(x.detach());
        case 4: return 0.9 * sin(x) + 0.1 * x.tape().constant(Array1(xt::sin(x.value<double>())));
        default: return sin(x);
    }
}

/// What is made of y.  Its gradient is not 0, but of elements that are residues: one of these by itself goes by steps, as a function of its
/// roundings, and is called wrong in one case of 500; so those are looked at in sums alone.
struct Kind {
    char const* name;
    bool in_sums;
    std::function<Var(Var y, double large, double any)> result;
};
std::vector<Kind> const& kinds() {
    static std::vector<Kind> const all{
        {"y + c − y − c", true,
         [](Var y, double large, double c) {
             return concat({Var(Var(Var(y + c) - y) - c), Var(y * large)});
         }},
        {"Σ softmax − 1", true,
         [](Var y, double large, double c) {
             return stack({Var(sum(softmax(y * c)) - 1), Var(sum(y) * large)});
         }},
        {"sin² + cos² − 1", true,
         [](Var y, double large, double) {
             return concat({Var(square(sin(y * 3)) + square(cos(y * 3)) - 1), Var(y * large)});
         }},
        {"y / y − 1", true,
         [](Var y, double large, double) {
             return concat({Var((y + 2) * (1 / (y + 2)) - 1), Var(y * large)});
         }},
        {"deviations", true,
         [](Var y, double large, double) {
             Var d = y - mean(y);
             return stack({mean(d), mean(square(d)), Var(sum(y) * large)});
         }},
        {"beside what is large", false,
         [](Var y, double large, double c) {
             return concat({Var(c * y), Var(y + 10 * large)});
         }},
        {"masked scores", false, [](Var y, double large, double c) {
             Array1 mask = xt::zeros<double>({static_cast<std::size_t>(y.size(0))});
             mask[0]     = -1e4 * large;
             return Var(log_softmax(c * y + y.tape().constant(mask)));
         }}};
    return all;
}

/// The check of one case, and what it is.
std::pair<GradReport, std::string> check_of(std::uint64_t seed, std::size_t how) {
    Choose c(seed);
    Kind const& kind   = kinds()[below(c, kinds().size())];
    Array1 x           = Array1::from_shape({2 + below(c, 4)});
    double const large = std::pow(10, between(c, 0, 5)), any = between(c, 0.05, 3);
    for (double& v : x) v = between(c, -1.5, 1.5);
    GradcheckOptions o;
    o.directions = std::array{-1, 0, 1, 2, 8}[below(c, 5)], o.seed = 1 + below(c, 1000);
    if (below(c, 2) || kind.in_sums) o.max_results = 0;
    GradReport r = gradcheck([&](Tape&, std::span<Var const> in) { return kind.result(sine(in[0], how), large, any); },
                             {{"x", x}}, o);
    return {std::move(r), fmt::format("seed {}, {}, way {}, large {}", seed, kind.name, how, large)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_of_mixed_sizes)

BOOST_AUTO_TEST_CASE(right_functions_are_not_blamed) {
    int open = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        auto const [r, what] = check_of(seed, 0);
        BOOST_TEST((r.inputs[0].wrong == 0 && r.culprits.empty() && r.problem.empty()), what << "\n" << r);
        open += !r.passed();
    }
    BOOST_TEST(open <= 4, open << " of 2000 could not be judged");
}

BOOST_AUTO_TEST_CASE(wrong_functions_do_not_pass) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        auto const [r, what] = check_of(seed, 1 + seed % 4);
        BOOST_TEST(!r.passed(), what << "\n" << r);
    }
}

// Of which rounding leaves less than nothing to be seen.
BOOST_AUTO_TEST_CASE(probabilities_that_are_nearly_1_are_no_mistake) {
    for (double factor : {5., 10., 12., 15., 20., 30., 40., 100., 300.})
        for (Array1 const& x : {Array1{1, -0.1}, Array1{1, 0, -0.3}, Array1{0.2, -0.7, 0.9, 0.8}}) {
            Array1 target = xt::zeros_like(x);
            target[0]     = 1;
            for (auto const& f : std::vector<std::function<Var(Var)>>{
                     [=](Var y) { return Var(softmax(factor * y) - y.tape().constant(target)); },
                     [=](Var y) { return log_softmax(factor * y); }, [=](Var y) { return softmax(factor * y); }}) {
                GradReport const r = report_of(f, x);
                BOOST_TEST((r.inputs[0].wrong == 0 && r.culprits.empty()), "times " << factor << "\n" << r);
            }
        }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace mixed_sizes
