// Mistakes that differences of the whole cannot see, by construction: in a summand below what is tolerated, in what
// cancels, in waves that fit into every step.  The second look sees them, and blames nothing that is right.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numbers>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;

namespace second_look {

namespace {

// ---- operations, right and wrong ----

template <bool wrong> struct Wave {
    static constexpr auto name = "wave";
    template <class V> static V f(V x) { return sin(x); }
    template <class V> static V df(V x, V) { return wrong ? cos(x) * (V(1) + V(1) / V(1000)) : cos(x); }
};
template <bool wrong> struct Bend {
    static constexpr auto name = "bend";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return wrong ? V(1) - y : V(1) - y * y; }
};
template <bool wrong> struct Grow {
    static constexpr auto name = "grow";
    template <class V> static V f(V x) { return exp(x); }
    template <class V> static V df(V, V y) { return wrong ? -y : y; }
};
template <bool wrong> struct Product {
    static constexpr auto name = "product";
    template <class V> static V f(V a, V b) { return a * b; }
    template <class V> static Pair<V> df(V a, V b, V) { return {b, wrong ? b : a}; }
};
template <bool wrong> struct Twice {
    static constexpr auto name           = "twice";
    static constexpr Signature signature = "[...] -> [...]";
    auto forward(auto const& a) const { return 2 * a; }
    auto adjoints(auto const& g, auto const&, auto const&) const { return std::tuple((wrong ? 3 : 2) * g); }
};

/// One of them, of a number between 0.2 and 1.5.
template <bool wrong> Var drawn(std::uint64_t which, Var x) {
    switch (which) {
        case 0: return apply<Wave<wrong>>(x);
        case 1: return apply<Bend<wrong>>(x);
        case 2: return apply<Grow<wrong>>(x);
        case 3: return apply<Product<wrong>>(1.5 - x, x);
        default: return custom(Twice<wrong>{}, x);
    }
}
constexpr char const* names[] = {"wave", "bend", "grow", "product", "twice"};

// ---- functions that hide them ----

struct Hidden {
    double at, centre, pitch, height;
    std::uint64_t which, how;

    template <bool wrong> Var operator()(Var x) const {
        Var u   = (x - centre) * pitch;
        Var big = height * (exp(u * 0.1) + u);
        switch (how) {
            case 0: return big + 1e-10 * height * drawn<wrong>(which, u);  // too little to see
            case 1: return big + (drawn<wrong>(which, u) - drawn<wrong>(which, u));
            case 2: return big * (1 + 1e-10 * square(drawn<wrong>(which, u)));
            default: return (1e-9 * height * drawn<wrong>(which, u) + 1e9 * height) + 1e8 * big;
        }
    }
};

Hidden hidden(Random& r) {
    auto const sign      = [&] { return r.uniform() < 0.5 ? -1 : 1; };
    auto const magnitude = [&](double low, double high) { return std::pow(10, r.uniform(low, high)); };
    Hidden h{sign() * magnitude(-4, 4), 0, 0, sign() * magnitude(-6, 6), r.below(5), r.below(4)};
    while (h.pitch == 0 || std::abs(h.pitch * h.at) > 1e4) h.pitch = sign() * magnitude(-3, 3);
    h.centre = h.at - r.uniform(0.2, 1.5) / h.pitch;
    return h;
}

template <bool wrong> GradReport report_on(Hidden const& h) {
    return gradcheck([&](Tape&, Inputs in) -> Var { return h.template operator()<wrong>(in[0]); }, {{"x", h.at}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_second_look)

BOOST_AUTO_TEST_CASE(of_two_thousand_functions_that_hide_an_operation_none_is_misjudged) {
    Random random(3);
    for (int k = 0; k < 2000; ++k) {
        Hidden const h     = hidden(random);
        GradReport const w = report_on<true>(h), r = report_on<false>(h);
        BOOST_TEST((!w.passed() && says(w, names[h.which])), k << ", hidden in way " << h.how << "\n" << w);
        BOOST_TEST(r, k << "\n" << r);
    }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
    GradReport const r = report_of([](Var x) -> Var { return 3 * x + 1e-12 * apply<BadSin>(2 * x); }, {0.3, 0.4});
    BOOST_TEST(r.problem == "all gradients agree with differences, but what a node passes back by itself does not", r);
    BOOST_TEST(r.inputs[0].wrong == 0);
    BOOST_REQUIRE(r.culprits.size() == 1);
    BOOST_TEST(r.culprits[0].what == "wrong derivative of bad_sin within it");
    BOOST_TEST(r.culprits[0].site.where.line == unsigned(__LINE__ - 5));
    BOOST_TEST(std::abs(r.culprits[0].backward + r.culprits[0].numeric) < 1e-9);
}

// ---- detach() ----

BOOST_AUTO_TEST_CASE(detach_cuts_what_differences_do_not_see) {
    auto const wave = [](Var x) { return Var(sin(x * (2 * std::numbers::pi * 1e4))).detach(); };
    auto const lost = report_of([=](Var x) -> Var { return 3 * x + wave(x); }, {1e-6});
    BOOST_TEST(lost.inputs[0].wrong == 1, lost);
    BOOST_TEST(says(lost, "was detached"), lost);
    auto const drowned = report_of([](Var x) -> Var { return (sin(x.detach()) + 1e12) + 0 * x; }, {0.3, -0.7});
    BOOST_TEST(drowned.inputs[0].wrong == 2, drowned);
    BOOST_TEST(says(drowned, "detach() takes from it what differences do not see"), drowned);
    BOOST_TEST(says(drowned, "was detached"), drowned);
}

BOOST_AUTO_TEST_CASE(detach_may_take_what_cancels) {
    auto const shifted = [](Var x) -> Var {
        Var top = max(x).detach();
        return log(sum(exp(x - top))) + top;
    };
    for (double scale : {1.0, 30.0, 1e4}) {
        GradReport const r = report_of(shifted, scale * vector(6));
        BOOST_TEST(r, scale << "\n" << r);
    }
    auto const newton = [](Var x) -> Var {  // of the square root
        Var y = Var(sqrt(x)).detach();
        return (y + x / y) / 2;
    };
    BOOST_TEST(report_of(newton, {0.3, 2, 1e6}));
}

BOOST_AUTO_TEST_CASE(what_is_never_differentiated_needs_no_derivative) {
    auto const stepped = [](Var x) -> Var { return x + Var(apply<FloorWithSlope>(x)).detach(); };
    BOOST_TEST(report_of(stepped, {0.3, -0.7}));
    auto const on_purpose = [](Var x) -> Var { return 3 * x + Var(scale_gradient(x, 2) - x).detach(); };
    BOOST_TEST(report_of(on_purpose, {0.3, -0.7}));
}

BOOST_AUTO_TEST_CASE(what_rounding_leaves_of_terms_that_cancel_is_not_cut) {
    auto const f = [](Var x) -> Var {
        Var s = x.detach();
        return x + 1e12 * exp(s) * exp(-s);
    };
    for (double x = 0.3; x < 1; x += 0.0137) {
        GradReport const r = report_of(f, {x});
        BOOST_TEST(r.inputs[0].wrong == 0, r);
    }
}

BOOST_AUTO_TEST_CASE(at_ties_nothing_is_blamed) {
    BOOST_TEST(report_of([](Var x) -> Var { return 3 * x + 1e-12 * clamp(x, 0.0, 0.0); }, {0.0}));
}

// ---- what is changed on purpose ----

BOOST_AUTO_TEST_CASE(gradients_that_are_clipped_where_they_are_not_too_large_are_right) {
    BOOST_TEST(report_of([](Var x) -> Var { return sum(clip_gradient(1e-3 * square(x), 10)); }, vector(5)));
    BOOST_TEST(report_of([](Var x) -> Var { return 3 * x + 1e-12 * scale_gradient(x, 0.5); }, vector(5)));
}

// At infinity there is nothing beside to look at.
BOOST_AUTO_TEST_CASE(an_infinite_operand_is_not_looked_at) {
    double const inf = std::numeric_limits<double>::infinity();
    auto const f     = [&](Tape& tape, std::span<Var const> x) -> Var {
        return x[0] + sum(exp(tape.constant(xt::xarray<double>{-inf, -inf}) + x[0] * 0));
    };
    BOOST_TEST(gradcheck(f, {{"x", xt::xarray<double>{0.5, 2}}}));
}

// Where steps are as large as numbers have digits, differences see waves and jumps as a slope.
BOOST_AUTO_TEST_CASE(nobody_is_blamed_far_out) {
    for (double at : {2e7 + 0.4, -22473556.6, 2e8 + 0.4, 1e9 + 0.001, 1e11 + 0.3})
        for (auto const& f : std::vector<std::function<Var(Var)>>{
                 [](Var x) { return Var(1e4 * floor(x) + x); },
                 [](Var x) { return Var(59121 * floor(5.5 * x) - 18.6 * x); },
                 [](Var x) { return Var(Var(1e4 * floor(x)) + x); }, [](Var x) { return floor(x); },
                 [](Var x) { return Var(x - floor(x)); }, [](Var x) { return sin(x); },
                 [](Var x) { return Var(sin(x) + x); }, [](Var x) { return Var(cos(x) * 3 + floor(x)); }}) {
            GradReport const r = report_of(f, xt::xarray<double>{at});
            BOOST_TEST((r.inputs[0].wrong == 0 && r.culprits.empty()), at << "\n" << r);
        }
}

BOOST_AUTO_TEST_CASE(what_could_not_be_judged_beside_what_could_is_no_hiding_place) {
    for (double factor : {-1., 2.})
        for (auto const& [f, x] : std::vector<std::pair<std::function<Var(Var)>, xt::xarray<double>>>{
                 {[](Var v) { return Var(1 + 1e-9 * relu(v)); }, {0.37, -2}},
                 {[](Var v) { return Var(0.03 + 3.2e-11 * relu(v)); }, {0.0369, -9e8}}}) {
            GradReport const wrong = report_of([&, g = f](Var v) { return scale_gradient(g(v), factor); }, x);
            BOOST_TEST(!wrong.passed(), wrong);
            BOOST_TEST(!wrong.culprits.empty(), wrong);
            BOOST_TEST(report_of(f, x));
        }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace second_look
