// How exact elementwise operations are: within two units in the last place of what mpmath computes with many digits, and
// of the standard library where there are several operands.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <golden.hpp>
#include <limits>
#include <ops/elementwise/table.hpp>
#include <unspool/autograd/array/random.hpp>
#include <xtensor/xadapt.hpp>

using namespace unspool;
using namespace unspool::core;
using table::Row;
using Types = boost::mpl::list<float, double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

/// How many units in the last place apart: 0 for two NaNs, infinite for NaN or infinity beside a number.
template <Real T> double ulps(T got, double want) {
    T const w = static_cast<T>(want);
    if (got == w || (std::isnan(got) && std::isnan(w))) return 0;
    if (!std::isfinite(got) || !std::isfinite(w)) return inf;
    T const size = std::max(std::abs(w), std::numeric_limits<T>::min());
    T const unit = size - std::nextafter(size, T(0));
    return std::abs(static_cast<double>(got) - want) / static_cast<double>(unit);
}

template <Real T> std::vector<T> numbers_of(golden::Json const& j) {
    std::vector<T> out;
    for (auto const& x : j) out.push_back(static_cast<T>(golden::number(x)));
    return out;
}

template <Real T> xt::xarray<T> value(Row const& r, std::vector<xt::xarray<T>> const& operands) {
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (auto const& x : operands) xs.push_back(tape.input(x));
    return r.call(xs).template value<T>();
}

template <Real T> void compare(Row const& r, std::vector<T> const& xs, std::vector<double> const& want) {
    BOOST_TEST_REQUIRE(xs.size() == want.size());
    xt::xarray<T> const got = value<T>(r, {xt::adapt(xs)});
    for (std::size_t i = 0; i < xs.size(); ++i)
        BOOST_TEST(ulps(got(i), want[i]) <= 2, fmt::format("{}({}) = {}, expected {}: {:.3g} units", r.name, xs[i],
                                                           got(i), want[i], ulps(got(i), want[i])));
}

// ---- of several operands ----

struct Expected {
    char const* name;
    double (*f)(double a, double b);
};
double truth(bool b) { return b ? 1 : 0; }
bool any_nan(double a, double b) { return std::isnan(a) || std::isnan(b); }

Expected const binary[] = {
    {"+", [](double a, double b) { return a + b; }},
    {"-", [](double a, double b) { return a - b; }},
    {"*", [](double a, double b) { return a * b; }},
    {"/", [](double a, double b) { return a / b; }},
    {"squared_difference", [](double a, double b) { return (a - b) * (a - b); }},
    {"maximum", [](double a, double b) { return any_nan(a, b) ? not_a_number : std::max(a, b); }},
    {"minimum", [](double a, double b) { return any_nan(a, b) ? not_a_number : std::min(a, b); }},
    {"hypot", [](double a, double b) { return std::hypot(a, b); }},
    {"pow", [](double a, double b) { return std::pow(a, b); }},
    {"atan2", [](double a, double b) { return std::atan2(a, b); }},
    {"leaky_relu", [](double x, double slope) { return x > 0 ? x : slope * x; }},
    {"thresholded_relu", [](double x, double theta) { return x <= theta ? 0 : x; }},
    {"elu", [](double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }},
    {"<", [](double a, double b) { return truth(a < b); }},
    {"<=", [](double a, double b) { return truth(a <= b); }},
    {">", [](double a, double b) { return truth(a > b); }},
    {">=", [](double a, double b) { return truth(a >= b); }},
    {"equal", [](double a, double b) { return truth(a == b); }},
    {"not_equal", [](double a, double b) { return truth(a != b); }},
    {"straight_through", [](double, double b) { return b; }},
    {"spike", [](double x, double) { return std::isnan(x) ? x : truth(x > 0); }},
};

struct ExpectedOfThree {
    char const* name;
    double (*f)(double a, double b, double c);
    double units;  // results that cancel are exact only relative to the operands
};
ExpectedOfThree const ternary[] = {
    {"fma", [](double a, double b, double c) { return a * b + c; }, 1e3},
    {"lerp", [](double a, double b, double t) { return a + t * (b - a); }, 1e3},
    {"clamp", [](double x, double lo, double hi) { return std::min(std::max(x, lo), hi); }, 0},
    {"scaled_tanh", [](double x, double alpha, double beta) { return alpha * std::tanh(beta * x); }, 4},
    {"where", [](double mask, double a, double b) { return mask != 0 ? a : b; }, 0},
};

template <Real T> xt::xarray<T> spread(std::size_t n, Interval domain, std::uint64_t seed) {
    Random random(seed);
    xt::xarray<T> out = xt::xarray<T>::from_shape({n});
    for (T& x : out) x = static_cast<T>(random.uniform(domain.low, domain.high));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(accuracy)

BOOST_AUTO_TEST_CASE_TEMPLATE(of_one_operand, T, Types) {
    auto const file = golden::file("accuracy");
    std::string const type(text(dtype_of<T>));
    for (Row const& r : table::unary()) {
        auto const& f = file.at("functions").at(r.name);
        auto const& x = file.at("inputs").at(f.at("inputs").get<std::string>());
        BOOST_TEST(x.at(type).size() >= 100);
        compare(r, numbers_of<T>(x.at(type)), numbers_of<double>(f.at(type)));
        compare(r, numbers_of<T>(file.at("special").at(type)), numbers_of<double>(f.at("special").at(type)));
    }
    BOOST_TEST(file.at("functions").size() == table::unary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_operands, T, Types) {
    for (Expected const& e : binary) {
        Row const r  = table::named(e.name, 2);
        auto const a = spread<T>(101, r.domain, 3), b = spread<T>(101, r.domain, 4), got = value<T>(r, {a, b});
        for (std::size_t i = 0; i < a.size(); ++i)
            BOOST_TEST(ulps(got(i), e.f(static_cast<double>(a(i)), static_cast<double>(b(i)))) <= 2,
                       e.name << " " << a(i) << " " << b(i));
    }
    BOOST_TEST(std::size(binary) == table::binary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_operands_at_the_extremes, T, Types) {
    for (Expected const& e : binary)
        for (double a : {inf, -inf, not_a_number, 0.0, 1.0, -2.0, 3.0})
            for (double b : {inf, -inf, not_a_number, 0.0, 3.0, -1.0, 2.0})
                BOOST_TEST(ulps(value<T>(table::named(e.name, 2),
                                         {xt::xarray<T>(static_cast<T>(a)), xt::xarray<T>(static_cast<T>(b))})(),
                                e.f(a, b)) <= 2,
                           a << " " << e.name << " " << b);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_three_operands, T, Types) {
    for (ExpectedOfThree const& e : ternary) {
        Row const r  = table::named(e.name, 3);
        auto const a = spread<T>(101, r.domain, 3), b = spread<T>(101, r.domain, 4), c = spread<T>(101, r.domain, 5),
                   got = value<T>(r, {a, b, c});
        for (std::size_t i = 0; i < a.size(); ++i)
            BOOST_TEST(ulps(got(i), e.f(static_cast<double>(a(i)), static_cast<double>(b(i)),
                                        static_cast<double>(c(i)))) <= e.units,
                       e.name << " " << a(i) << " " << b(i) << " " << c(i));
    }
    BOOST_TEST(std::size(ternary) == table::ternary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_stays_nan, T, Types) {
    T const n = std::numeric_limits<T>::quiet_NaN(), half = T(0.5);
    std::vector<std::string> const masks{"<", "<=", ">", ">=", "equal", "not_equal"};
    for (Row const& r : table::unary()) BOOST_TEST(std::isnan(value<T>(r, {xt::xarray<T>(n)})()), r.name);
    for (Row const& r : table::binary())
        if (std::find(masks.begin(), masks.end(), r.name) == masks.end())
            BOOST_TEST((std::isnan(value<T>(r, {xt::xarray<T>(n), xt::xarray<T>(half)})()) || r.surrogate), r.name);
    for (char const* name : {"fma", "lerp", "clamp", "scaled_tanh"})
        for (auto const& xs : {std::array{n, half, half}, {half, n, half}, {half, half, n}})
            BOOST_TEST(std::isnan(value<T>(table::named(name, 3),
                                           {xt::xarray<T>(xs[0]), xt::xarray<T>(xs[1]), xt::xarray<T>(xs[2])})()),
                       name);
}

BOOST_AUTO_TEST_SUITE_END()
