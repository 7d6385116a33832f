// Functions of every scale, right and wrong: none that is wrong passes, and none that is right is blamed.
#include "autograd/gradcheck/arrays.hpp"
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numbers>
#include <runs.hpp>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/autograd.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using Inputs = std::span<Var const>;
using Array1 = xt::xarray<double>;

namespace {

// ---- random functions ----

/// An operation around a point, of which a shape is drawn: `y = height * shape((x - centre) * pitch)`.
struct Term {
    double height, pitch, centre, at;  // `at`: the shape's argument
    std::uint64_t shape;

    Var operator()(Var x) const { return height * shaped((x - centre) * pitch); }

private:
    Var shaped(Var u) const {
        switch (shape) {
            case 0: return sin(u);
            case 1: return exp(u);
            case 2: return tanh(u);
            case 3: return exp(-square(u));
            case 4: return u * square(u) - 2 * u;
            case 5: return log(1.5 + square(u));
            case 6: return abs(u);
            case 7: return relu(u);
            case 8: return cos(u);
            default: return u / (1 + square(u));
        }
    }
};

/// One or two terms, added, multiplied, or one in the other; or none, but a mistake.
struct Function {
    enum Fault { none, detached, scaled, reversed, too_steep };
    double at;
    Term first, second;
    std::uint64_t kind;
    Fault fault;

    Var operator()(Var x, Fault f) const {
        Var const a = first(x);
        if (kind == 0) return spoiled(a, f);
        if (kind == 1) return a + spoiled(second(x), f);
        if (kind == 2) return a * spoiled(second(x), f);
        return second(spoiled(a, f));  // its argument is of a's scale
    }

private:
    static Var spoiled(Var y, Fault f) {
        switch (f) {
            case detached: return y.detach();
            case scaled: return scale_gradient(y, 1.01);
            case reversed: return reverse_gradient(y);
            case too_steep: return scale_gradient(y, 1e3);
            default: return y;
        }
    }
};

double magnitude(Random& r, double low, double high) { return std::pow(10, r.uniform(low, high)); }
double sign(Random& r) { return r.uniform() < 0.5 ? -1 : 1; }

/// Around a point whose own rounding leaves some digits of the argument.
Term term(Random& r, double x, double pitch = 0) {
    Term out;
    out.shape = r.below(10);
    out.pitch = pitch;
    while (out.pitch == 0 || std::abs(out.pitch * x) > 1e5) out.pitch = sign(r) * magnitude(r, -9, 9);
    out.at     = sign(r) * r.uniform(0.1, 2);
    out.centre = x - out.at / out.pitch;
    out.height = sign(r) * magnitude(r, -9, 9);
    return out;
}

double value_at(Function const& f, double x, Function::Fault fault, double* slope) {
    Tape tape(float64);
    Var in = tape.input(x);
    Var y  = f(in, fault);
    if (slope) *slope = y.requires_grad() ? backward(y)[in].item() : 0;
    return y.item();
}

Function function(Random& r) {
    Function f;
    f.at    = sign(r) * magnitude(r, -9, 9);
    f.kind  = r.below(4);
    f.first = term(r, f.at), f.second = term(r, f.at);
    if (f.kind == 3) {  // the outer one around what the inner one gives
        double const inner = value_at({f.at, f.first, f.first, 0, Function::none}, f.at, Function::none, nullptr);
        f.second           = term(r, inner, magnitude(r, -5, 4) / std::abs(f.first.height));
    }
    if (f.kind == 1) f.second.height = f.first.height * sign(r) * magnitude(r, -5, 5);
    f.fault = static_cast<Function::Fault>(1 + r.below(4));
    return f;
}

/// Does rounding leave something of the change over the first step, and is the gradient off by more than what is tolerated?
bool shows(Function const& f, double y, double truth, double claim) {
    bool const seen = std::abs(truth) * 1e-3 * std::max(1.0, std::abs(f.at)) > 1e-13 * std::abs(y);
    return seen && std::abs(claim - truth) > 1e-5 * std::max(std::abs(claim), std::abs(truth));
}

constexpr double kilohertz = 2e3 * std::numbers::pi;  // of seconds

}  // namespace

BOOST_AUTO_TEST_SUITE(gradcheck_scales)

// ---- faster than the first step ----

BOOST_AUTO_TEST_CASE(waves_that_fit_into_the_first_step) {
    Array1 const x{1e-6, 3e-5};
    for (double k : {1, 2, 3, 4, 8, 10, 12, 16, 20, 48, 100}) {
        GradReport const lost =
            report_of([=](Var t) -> Var { return 3 * t + Var(sin(t * (k * kilohertz))).detach(); }, x);
        BOOST_TEST(lost.inputs[0].wrong == 2, k << "\n" << lost);
        BOOST_TEST(says(lost, "was detached"), lost);
        BOOST_TEST(
            report_of([=](Var t) -> Var { return 3 * t + apply<BadSin>(t * (k * kilohertz)); }, x).inputs[0].wrong ==
            2);
        GradReport const right = report_of([=](Var t) -> Var { return 3 * t + sin(t * (k * kilohertz)); }, x);
        BOOST_TEST(right, k);
        BOOST_TEST(right.checked() == 2);
    }
}

BOOST_AUTO_TEST_CASE(bumps_narrower_than_the_first_step) {
    for (double width : {1e-4, 1e-5, 1e-6, 1e-8})
        for (double centre : {0.0, 2e-6, 0.3}) {
            auto const bump = [=](Var x) -> Var { return exp(-square((x - centre) / width)); };
            Array1 const x{centre + width / 2, centre - width};
            GradReport const lost = report_of([=](Var v) -> Var { return 3 * v + Var(bump(v)).detach(); }, x);
            BOOST_TEST(lost.inputs[0].wrong == 2, width << ", " << centre << "\n" << lost);
            BOOST_TEST(says(lost, "was detached"), lost);
            GradReport const right = report_of(bump, x);
            BOOST_TEST(right);
            BOOST_TEST(right.checked() == 2, right);
            BOOST_TEST(report_of([=](Var v) -> Var { return 3 * v + Var(bump(v)).detach(); }, Array1{1, -0.5}));
        }
}

BOOST_AUTO_TEST_CASE(narrow_units_within_a_recurrence) {
    Array1 const h0{0.3, -0.6}, centres{0.3 + 4e-7, -0.6 - 7e-7};
    for (bool lost : {false, true}) {
        GradReport const r = gradcheck(
            [&](Tape& tape, Inputs in) -> Var {
                Var h = in[1];
                for (Index t = 0; t < 3; ++t) {
                    Var unit = exp(-square((h - tape.constant(centres)) / 1e-6));
                    h        = tanh(in[0][t] + h + (lost ? unit.detach() : unit));
                }
                return h;
            },
            {{"xs", matrix(3, 2)}, {"h0", h0}});
        BOOST_TEST(r.passed() == !lost, r);
        BOOST_TEST(r.inputs[1].wrong == (lost ? 2 : 0));
    }
}

BOOST_AUTO_TEST_CASE(what_overflows_at_the_first_step) {
    auto const f = [](Var x) -> Var { return exp(x * 1e6); };
    BOOST_TEST(report_of(f, Array1{1e-6}));
    BOOST_TEST(report_of([=](Var x) { return scale_gradient(f(x), 1.01); }, Array1{1e-6}).inputs[0].wrong == 1);
}

BOOST_AUTO_TEST_CASE(a_kink_nearby_hides_nothing) {
    auto const f           = [](Var x) -> Var { return abs(x) * 1e8; };
    GradReport const right = report_of(f, {1e-8, -3e-7, 2e-10});
    BOOST_TEST(right);
    BOOST_TEST(right.checked() == 3, right);
    BOOST_TEST(
        report_of([=](Var x) -> Var { return 1e-4 * x + Var(f(x)).detach(); }, {1e-8, -3e-7, 2e-10}).inputs[0].wrong ==
        3);
}

// ---- slower, and constant ----

BOOST_AUTO_TEST_CASE(what_rounding_hides_nearby_is_looked_for_farther_away) {
    auto const f           = [](Var x) -> Var { return 7 + sin(1e-9 * x); };
    GradReport const right = report_of(f, {0.5, -2});
    BOOST_TEST(right.checked() == 2, right);
    BOOST_TEST(report_of([=](Var x) { return scale_gradient(f(x), 1.01); }, {0.5, -2}).checked() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_known_to_a_twentieth_excuses_no_error_of_three_hundredths) {
    auto const f = [](Var x) -> Var { return 1 + 1.1e-10 * sin(x); };  // which does not go on farther away
    BOOST_TEST(report_of([=](Var x) { return scale_gradient(f(x), 1.03); }, {0.3}).checked() == 0);
}

BOOST_AUTO_TEST_CASE(steps_are_told_from_slopes) {
    Array1 const x{1e4 + 0.3, 1e4 + 0.5, 1e5 + 0.5, 1e6 + 0.001, 1e9 + 0.5};
    BOOST_TEST(report_of([](Var v) { return floor(v); }, x).checked() == 5);
    GradReport const steep = report_of([](Var v) { return apply<FloorWithSlope>(v); }, x);
    BOOST_TEST(steep.inputs[0].wrong == 5, steep);
    BOOST_TEST(report_of([](Var v) -> Var { return floor(v) + v; }, x));
}

BOOST_AUTO_TEST_CASE(steps_of_rounding_pass_nothing_that_is_lost) {
    auto const f = [](Var v) -> Var {
        return (sin(v.tape().constant(v.value<double>())) + 1e9) - 1e9 + 0 * v;  // detach() would be noticed
    };
    auto const lost = report_of(f, {0.3, -0.7, 1.1});
    BOOST_TEST(!lost.passed(), lost);
    BOOST_TEST(lost.unresolved() == 3);
    BOOST_REQUIRE(!lost.unjudged.empty());
    BOOST_TEST(lost.unjudged[0].why.find("the function goes by steps, which may be those of rounding (") !=
               std::string::npos);
    BOOST_TEST(lost.unjudged[0].why.find(" over 0.001, ") != std::string::npos);
    BOOST_TEST(lost.unjudged[0].why.ends_with("another `.step` may tell"));
}

// ---- thousands ----

/// Judges so many functions; of how many nothing can be said.
int unresolved_of(int many, std::uint64_t seed) {
    Random random(seed);
    int unresolved = 0;
    for (int judged = 0; judged < many;) {
        Function const f = function(random);
        double truth = 0, claim = 0;
        double const y = value_at(f, f.at, Function::none, &truth);
        value_at(f, f.at, f.fault, &claim);
        if (!std::isfinite(y) || !std::isfinite(truth) || truth == 0) continue;
        bool const spoil = random.uniform() < 0.5;
        if (spoil && !shows(f, y, truth, claim)) continue;
        auto const fault   = spoil ? f.fault : Function::none;
        GradReport const r = gradcheck([&](Tape&, Inputs in) -> Var { return f(in[0], fault); }, {{"x", f.at}});
        bool const wrong = r.inputs[0].wrong > 0, passed = r.passed() && r.checked() > 0;
        if (spoil ? passed : wrong)
            BOOST_ERROR(fmt::format("function {}, {}, is misjudged\n{}", judged, spoil ? "wrong" : "right", text(r)));
        unresolved += !wrong && !passed, ++judged;
    }
    return unresolved;
}

BOOST_AUTO_TEST_CASE(of_thousands_of_functions_none_is_misjudged) {
    int const many = runs(2'000, 10'000);
    for (std::uint64_t seed : {4, 9, 21}) BOOST_TEST(unresolved_of(many, seed) < many / 100, seed);
}

BOOST_AUTO_TEST_SUITE_END()
