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

/// A residue of rounding, or of what has come to its limit, whose gradient is 0 or almost: a wrong sine within does not show.  Else it must.
enum class Leaves { much, nothing };

/// What is made of y.
struct Kind {
    char const* name;
    Leaves leaves;
    std::function<Var(Var y, double large, double any)> result;
};

Var beside_zeros(Var y, double at_first) {
    Array1 c = xt::zeros<double>({static_cast<std::size_t>(y.size(0))});
    c[0]     = at_first;
    return y.tape().constant(c);
}

std::vector<Kind> const in_sums{
    {"y + c − y − c", Leaves::much,
     [](Var y, double large, double c) {
         return concat({Var(Var(Var(y + c) - y) - c), Var(y * large)});
     }},
    {"Σ softmax − 1", Leaves::much,
     [](Var y, double large, double c) {
         return stack({Var(sum(softmax(y * c)) - 1), Var(sum(y) * large)});
     }},
    {"sin² + cos² − 1", Leaves::much,
     [](Var y, double large, double) {
         return concat({Var(square(sin(y * 3)) + square(cos(y * 3)) - 1), Var(y * large)});
     }},
    {"y / y − 1", Leaves::much,
     [](Var y, double large, double) {
         return concat({Var((y + 2) * (1 / (y + 2)) - 1), Var(y * large)});
     }},
    {"deviations", Leaves::much,
     [](Var y, double large, double) {
         Var d = y - mean(y);
         return stack({mean(d), mean(square(d)), Var(sum(y) * large)});
     }},
    {"beside what is large", Leaves::much,
     [](Var y, double large, double c) {
         return concat({Var(c * y), Var(y + 10 * large)});
     }},
    {"beside what is huge", Leaves::much,
     [](Var y, double large, double c) {
         return concat({Var(c * y), exp(y), Var(y.tape().constant(Array1{-large * large * large}) + sum(y))});
     }},
    {"masked scores", Leaves::much,
     [](Var y, double large, double c) { return log_softmax(c * y + beside_zeros(y, -1e4 * large)); }},
    {"large + y − large", Leaves::much,
     [](Var y, double large, double c) { return Var((y * large * large + c) - y * large * large + y); }},
    {"times 1e-20", Leaves::much, [](Var y, double large, double c) { return Var(1e-20 * c * large * y); }},
    {"deviation of what is far", Leaves::much, [](Var y, double large, double) { return stddev(y + large); }},
    {"log Σ exp", Leaves::much, [](Var y, double large, double) { return logsumexp(std::sqrt(large) * y); }},
    {"log Σ exp − max", Leaves::nothing,
     [](Var y, double large, double) {
         Var z = std::sqrt(large) * y;
         return Var(logsumexp(z) - max(z));
     }},
    {"cross-entropy", Leaves::much, [](Var y, double large, double) {
         return cross_entropy(Var(std::sqrt(large) * stack({y, Var(-y)})), std::array{0, 1}, Over::none);
     }}};

std::vector<Kind> const alone{
    {"y + c − y − c", Leaves::nothing, [](Var y, double, double c) { return Var(Var(Var(y + c) - y) - c); }},
    {"a mean deviation", Leaves::nothing, [](Var y, double, double) { return mean(y - mean(y)); }},
    {"Σ softmax − 1", Leaves::nothing, [](Var y, double, double c) { return Var(sum(softmax(y * c)) - 1); }},
    {"sin² + cos² − 1", Leaves::nothing,
     [](Var y, double, double) { return Var(square(sin(y)) + square(cos(y)) - 1); }},
    {"y / y − 1", Leaves::nothing, [](Var y, double, double) { return Var((y + 2) * (1 / (y + 2)) - 1); }},
    {"σ − 1", Leaves::nothing, [](Var y, double large, double) { return Var(sigmoid(std::sqrt(large) * y) - 1); }},
    {"erf − 1", Leaves::nothing, [](Var y, double large, double) { return Var(erf(std::sqrt(large) * y) - 1); }},
    {"tanh", Leaves::nothing, [](Var y, double large, double) { return tanh(std::sqrt(large) * y); }},
    {"softmax − onehot", Leaves::nothing,
     [](Var y, double large, double) { return Var(softmax(std::sqrt(large) * y) - beside_zeros(y, 1)); }}};

/// The check of one case, and what it is.
std::pair<GradReport, std::string> check_of(std::vector<Kind> const& kinds, std::uint64_t seed, std::size_t how) {
    Choose c(seed);
    Kind const& kind   = kinds[below(c, kinds.size())];
    Array1 x           = Array1::from_shape({2 + below(c, 4)});
    double const large = std::pow(10, between(c, 0, 5)), any = between(c, 0.05, 3);
    for (double& v : x) v = between(c, -1.5, 1.5);
    GradcheckOptions o;
    o.directions = std::array{-1, 0, 1, 2, 8}[below(c, 5)], o.seed = 1 + below(c, 1000);
    if (below(c, 2)) o.max_results = 0;
    if (kind.leaves == Leaves::nothing) how = 0;
    GradReport r = gradcheck([&](Tape&, std::span<Var const> in) { return kind.result(sine(in[0], how), large, any); },
                             {{"x", x}}, o);
    return {std::move(r), fmt::format("seed {}, {}, way {}, large {}", seed, kind.name, how, large)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_of_mixed_sizes)

void require_no_blame(std::vector<Kind> const& kinds, std::uint64_t cases, int may_stay_open) {
    int open = 0;
    for (std::uint64_t seed = 1; seed <= cases; ++seed) {
        auto const [r, what] = check_of(kinds, seed, 0);
        bool const blamed    = r.inputs[0].wrong > 0 || !r.culprits.empty() || !r.problem.empty();
        BOOST_TEST(!blamed, what << "\n" << r);
        open += !r.passed() && !blamed;
    }
    BOOST_TEST(open <= may_stay_open, open << " of " << cases << " could not be judged");
}

BOOST_AUTO_TEST_CASE(right_functions_are_not_blamed) { require_no_blame(in_sums, 3000, 12); }
BOOST_AUTO_TEST_CASE(residues_of_rounding_are_not_blamed) { require_no_blame(alone, 3000, 50); }

BOOST_AUTO_TEST_CASE(wrong_functions_do_not_pass) {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        auto const [r, what] = check_of(in_sums, seed, 1 + seed % 4);
        if (what.find("way 0") == std::string::npos) BOOST_TEST(!r.passed(), what << "\n" << r);
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
                     [=](Var y) { return log_softmax(factor * y); }, [=](Var y) { return softmax(factor * y); },
                     [=](Var y) {
                         return cross_entropy(Var(factor * stack({y, Var(-y)})), std::array{0, 1}, Over::none);
                     },
                     [=](Var y) {
                         return cross_entropy(Var(factor * stack({y, Var(-y)})), std::array{0, 1});
                     }}) {
                GradReport const r = report_of(f, x);
                BOOST_TEST((r.inputs[0].wrong == 0 && r.culprits.empty()), "times " << factor << "\n" << r);
            }
        }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace mixed_sizes
