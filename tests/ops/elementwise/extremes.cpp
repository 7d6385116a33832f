// Every elementwise operation at the ends of the numbers: its value and its derivatives beside formulas in long double, in
// units of the last place, subnormal results included.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numbers>
#include <ops/elementwise/table.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

using namespace unspool;
using namespace unspool::core;
using table::Row;
using Types = boost::mpl::list<float, double>;

namespace at_the_ends {

namespace {

using R         = long double;
constexpr R inf = std::numeric_limits<R>::infinity(), not_a_number = std::numeric_limits<R>::quiet_NaN();

// ---- what is true ---------------------------------------------------------------------------------------------------

R truth(bool b) { return b ? 1 : 0; }
R sign(R x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
R within(R low, R high, R x) { return x < low ? low : x > high ? high : x; }
R sigmoid(R x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
R softplus(R x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
/// 1 - tanh² x
R bell(R x) { return std::pow(1 / std::cosh(x), R(2)); }
/// x y, and 0 where y is 0 and x infinite: what is bounded, or falls faster than the other grows.
R times(R x, R y) { return y == 0 && !std::isnan(x) ? 0 : x * y; }
R normal(R x) { return std::erfc(-x / std::numbers::sqrt2_v<R>) / 2; }
R density(R x) { return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi_v<R> / std::numbers::sqrt2_v<R>; }
R u(R x) { return std::sqrt(2 / std::numbers::pi_v<R>) * (x + 0.044715L * x * x * x); }
R du(R x) { return std::sqrt(2 / std::numbers::pi_v<R>) * (1 + 3 * 0.044715L * x * x); }
constexpr R lambda = 1.0507009873554804934L, alpha = 1.6732632423543772848L;

/// An operation, and its derivative.  Where that is a difference such as 1 - y², it has the errors of 1: below 0, above it, or both.
struct OfOne {
    char const* name;
    R (*f)(R), (*df)(R);
    R below = 0, above = 0;
};
OfOne const unary[] = {
    {"-", [](R x) { return -x; }, [](R) { return R(-1); }},
    {"abs", [](R x) { return std::abs(x); }, [](R x) { return std::isnan(x) ? 0 : sign(x); }},
    {"square", [](R x) { return x * x; }, [](R x) { return 2 * x; }},
    {"reciprocal", [](R x) { return 1 / x; }, [](R x) { return -1 / (x * x); }},
    {"sqrt", [](R x) { return std::sqrt(x); }, [](R x) { return 1 / (2 * std::sqrt(x)); }},
    {"rsqrt", [](R x) { return 1 / std::sqrt(x); }, [](R x) { return -std::pow(1 / std::sqrt(x), R(3)) / 2; }},
    {"exp", [](R x) { return std::exp(x); }, [](R x) { return std::exp(x); }},
    {"expm1", [](R x) { return std::expm1(x); }, [](R x) { return std::exp(x); }, 1},
    {"log", [](R x) { return std::log(x); }, [](R x) { return 1 / x; }},
    {"log1p", [](R x) { return std::log1p(x); }, [](R x) { return 1 / (1 + x); }},
    {"sin", [](R x) { return std::sin(x); }, [](R x) { return std::cos(x); }},
    {"cos", [](R x) { return std::cos(x); }, [](R x) { return -std::sin(x); }},
    {"tan", [](R x) { return std::tan(x); }, [](R x) { return 1 / (std::cos(x) * std::cos(x)); }},
    {"asin", [](R x) { return std::asin(x); }, [](R x) { return 1 / std::sqrt((1 - x) * (1 + x)); }},
    {"acos", [](R x) { return std::acos(x); }, [](R x) { return -1 / std::sqrt((1 - x) * (1 + x)); }},
    {"atan", [](R x) { return std::atan(x); }, [](R x) { return 1 / (1 + x * x); }},
    {"sinh", [](R x) { return std::sinh(x); }, [](R x) { return std::cosh(x); }},
    {"cosh", [](R x) { return std::cosh(x); }, [](R x) { return std::sinh(x); }},
    {"tanh", [](R x) { return std::tanh(x); }, [](R x) { return bell(x); }, 1, 1},
    {"erf", [](R x) { return std::erf(x); }, [](R x) { return 2 * std::numbers::inv_sqrtpi_v<R> * std::exp(-x * x); }},
    {"sigmoid", [](R x) { return sigmoid(x); }, [](R x) { return sigmoid(x) * sigmoid(-x); }, 0, 1},
    {"softplus", [](R x) { return softplus(x); }, [](R x) { return sigmoid(x); }},
    {"log_sigmoid", [](R x) { return -softplus(-x); }, [](R x) { return sigmoid(-x); }},
    {"softsign", [](R x) { return std::isinf(x) ? sign(x) : x / (1 + std::abs(x)); },
     [](R x) { return std::pow(1 + std::abs(x), R(-2)); }},
    {"hard_sigmoid", [](R x) { return within(0, 6, x + 3) / 6; }, [](R x) { return truth(std::abs(x) < 3) / 6; }},
    {"hard_tanh", [](R x) { return within(-1, 1, x); }, [](R x) { return truth(std::abs(x) < 1); }},
    {"relu", [](R x) { return x <= 0 ? 0 : x; }, [](R x) { return truth(x > 0); }},
    {"selu", [](R x) { return x > 0 ? lambda * x : lambda * alpha * std::expm1(x); },
     [](R x) { return x > 0 ? lambda : lambda * alpha * std::exp(x); }},
    {"silu", [](R x) { return times(x, sigmoid(x)); },
     [](R x) { return sigmoid(x) + times(x, sigmoid(x) * sigmoid(-x)); }},
    {"gelu", [](R x) { return times(x, normal(x)); }, [](R x) { return normal(x) + times(x, density(x)); }},
    {"gelu_tanh", [](R x) { return times(x, sigmoid(2 * u(x))); },
     [](R x) { return sigmoid(2 * u(x)) + times(x * 2 * du(x), sigmoid(2 * u(x)) * sigmoid(-2 * u(x))); }},
    {"sign", [](R x) { return sign(x); }, [](R) { return R(0); }},
    {"floor", [](R x) { return std::floor(x); }, [](R) { return R(0); }},
    {"round", [](R x) { return std::nearbyint(x); }, [](R) { return R(0); }},
};

struct OfTwo {
    char const* name;
    R (*f)(R, R), (*da)(R, R), (*db)(R, R);
};
R none(R, R) { return 0; }
R one(R, R) { return 1; }
R first(R a, R b) { return a < b ? 0 : a == b ? 0.5L : 1; }
R ratio(R a, R b) { return a == 0 && b == 0 ? 0 : a / std::hypot(a, b); }
R angle(R a, R b) { return a / std::hypot(a, b) / std::hypot(a, b); }
OfTwo const binary[] = {
    {"+", [](R a, R b) { return a + b; }, one, one},
    {"-", [](R a, R b) { return a - b; }, one, [](R, R) { return R(-1); }},
    {"*", [](R a, R b) { return a * b; }, [](R, R b) { return b; }, [](R a, R) { return a; }},
    {"/", [](R a, R b) { return a / b; }, [](R, R b) { return 1 / b; }, [](R a, R b) { return -(a / b) / b; }},
    {"squared_difference", [](R a, R b) { return (a - b) * (a - b); }, [](R a, R b) { return 2 * (a - b); },
     [](R a, R b) { return 2 * (b - a); }},
    {"maximum", [](R a, R b) { return std::isnan(a) || std::isnan(b) ? not_a_number : std::max(a, b); }, first,
     [](R a, R b) { return first(b, a); }},
    {"minimum", [](R a, R b) { return std::isnan(a) || std::isnan(b) ? not_a_number : std::min(a, b); },
     [](R a, R b) { return first(b, a); }, first},
    {"hypot", [](R a, R b) { return std::hypot(a, b); }, ratio, [](R a, R b) { return ratio(b, a); }},
    {"pow", [](R a, R b) { return std::pow(a, b); }, [](R a, R b) { return b == 0 ? 0 : b * std::pow(a, b - 1); },
     [](R a, R b) { return a == 0 && b >= 0 ? 0 : std::pow(a, b) * std::log(a); }},
    {"atan2", [](R a, R b) { return std::atan2(a, b); }, [](R a, R b) { return angle(b, a); },
     [](R a, R b) { return -angle(a, b); }},
    {"leaky_relu", [](R x, R slope) { return x > 0 ? x : slope * x; }, [](R x, R slope) { return x > 0 ? 1 : slope; },
     [](R x, R) { return x > 0 ? 0 : x; }},
    {"thresholded_relu", [](R x, R theta) { return x <= theta ? 0 : x; }, [](R x, R theta) { return truth(x > theta); },
     none},
    {"elu", [](R x, R a) { return x > 0 ? x : a * std::expm1(x); },
     [](R x, R a) { return x > 0 ? 1 : a * std::exp(x); }, [](R x, R) { return x > 0 ? 0 : std::expm1(x); }},
    {"<", [](R a, R b) { return truth(a < b); }, none, none},
    {"<=", [](R a, R b) { return truth(a <= b); }, none, none},
    {">", [](R a, R b) { return truth(a > b); }, none, none},
    {">=", [](R a, R b) { return truth(a >= b); }, none, none},
    {"equal", [](R a, R b) { return truth(a == b); }, none, none},
    {"not_equal", [](R a, R b) { return truth(a != b); }, none, none},
    {"straight_through", [](R, R b) { return b; }, one, none},
    {"spike", [](R x, R) { return std::isnan(x) ? x : truth(x > 0); },
     [](R x, R slope) { return std::pow(1 + slope * std::abs(x), R(-2)); }, none},
};

R nothing(R, R, R) { return 0; }
struct OfThree {
    char const* name;
    R (*f)(R, R, R), (*df[3])(R, R, R);
    R (*scale)(R, R, R)          = nothing;  // whose errors the value has, if it is a difference
    R (*slope_scale[3])(R, R, R) = {nothing, nothing, nothing};
};
R low_taken(R x, R lo, R hi) { return truth(x < lo && !(hi < lo)); }
R high_taken(R x, R lo, R hi) { return truth(x > hi || (x < lo && hi < lo)); }
OfThree const ternary[] = {
    {"fma",
     [](R a, R b, R c) { return a * b + c; },
     {[](R, R b, R) { return b; }, [](R a, R, R) { return a; }, [](R, R, R) { return R(1); }}},
    {"lerp",
     [](R a, R b, R t) { return t < 0.5L ? a + t * (b - a) : b - (1 - t) * (b - a); },
     {[](R, R, R t) { return 1 - t; }, [](R, R, R t) { return t; }, [](R a, R b, R) { return b - a; }},
     [](R a, R, R) { return std::abs(a); }},
    {"clamp",
     [](R x, R lo, R hi) {
         return std::isnan(x) || std::isnan(lo) || std::isnan(hi) ? not_a_number : std::min(std::max(x, lo), hi);
     },
     {[](R x, R lo, R hi) { return 1 - low_taken(x, lo, hi) - high_taken(x, lo, hi); }, low_taken, high_taken}},
    {"scaled_tanh",
     [](R x, R a, R b) { return a * std::tanh(b * x); },
     {[](R x, R a, R b) { return a * b * bell(b * x); }, [](R x, R, R b) { return std::tanh(b * x); },
      [](R x, R a, R b) { return a * times(x, bell(b * x)); }},
     nothing,
     {[](R, R a, R b) { return std::abs(a * b); }, nothing, [](R x, R a, R) { return std::abs(a * x); }}},
    {"where",
     [](R mask, R a, R b) { return mask != 0 ? a : b; },
     {nothing, [](R mask, R, R) { return truth(mask != 0); }, [](R mask, R, R) { return truth(mask == 0); }}},
};

// ---- what comes out -------------------------------------------------------------------------------------------------

/// Units of the last place apart: 0 for two NaNs, infinite for NaN or infinity beside a number, less than half a unit beyond the
/// largest number apart.
template <Real T> R ulps(T got, R want, R scale) {
    T const w = static_cast<T>(want);
    if (got == w || (std::isnan(got) && std::isnan(want))) return 0;
    if (!std::isfinite(got) || std::isnan(want) || std::isinf(w)) return inf;
    T const size = std::max({std::abs(w), std::numeric_limits<T>::min(),
                             static_cast<T>(std::min(scale, R(std::numeric_limits<T>::max())))});
    return std::abs(got - want) / (size - std::nextafter(size, T(0)));
}

/// 0, and with both signs the smallest and largest numbers, those around 1, and those at which exponentials end.
template <Real T> std::vector<T> ends() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> out{0, T(-0.0), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
    for (T x : {Limits::denorm_min(),
                5 * Limits::denorm_min(),
                Limits::min() / 3,
                Limits::min(),
                T(1e-30),
                T(1e-10),
                T(0.5),
                T(1),
                T(2),
                T(5),
                T(10),
                T(17.3),
                T(26.4),
                T(13.1),
                T(37.5),
                T(38.2),
                T(50),
                T(87.2),
                T(88.4),
                T(89.1),
                T(95),
                T(101),
                T(103.5),
                T(104.2),
                T(130),
                T(354),
                T(600),
                T(700),
                T(708.1),
                T(709.4),
                T(710.3),
                T(720),
                T(740),
                T(744.9),
                T(746),
                T(800),
                T(1e10),
                T(1e30),
                std::sqrt(Limits::max()),
                Limits::max() / 5,
                Limits::max()})
        out.push_back(x), out.push_back(-x);
    return out;
}

/// Fewer of them, for pairs and triples.
template <Real T> std::vector<T> some_ends(bool few) {
    using Limits = std::numeric_limits<T>;
    std::vector<T> out{0, T(-0.0), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
    for (T x : {T(1e-10), T(0.5), T(1), T(3), T(88.4), std::sqrt(Limits::max()), Limits::max() / 5})
        out.push_back(x), out.push_back(-x);
    if (few) return out;
    for (T x : {Limits::denorm_min(), 5 * Limits::denorm_min(), Limits::min(), T(1e-30), T(2), T(17.3), T(95), T(102),
                T(710.3), T(740), T(1e10)})
        out.push_back(x), out.push_back(-x);
    return out;
}

template <Real T> struct Computed {
    xt::xarray<T> value;
    std::vector<xt::xarray<T>> derivatives;
};
template <Real T> Computed<T> computed(Row const& r, std::vector<xt::xarray<T>> const& operands) {
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (auto const& x : operands) xs.push_back(tape.input(x));
    Var const y = r.call(xs);
    Computed<T> out{y.value<T>(), {}};
    Gradients const g = backward(y, xt::xarray<T>(xt::ones<T>(out.value.shape())));
    for (Var const& x : xs) out.derivatives.push_back(g[x].template value<T>());
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ends_of_numbers)

BOOST_AUTO_TEST_CASE_TEMPLATE(of_one_operand, T, Types) {
    auto const xs = ends<T>();
    for (OfOne const& e : unary) {
        auto const got = computed<T>(table::named(e.name, 1), {xt::adapt(xs)});
        for (std::size_t i = 0; i < xs.size(); ++i) {
            R const x = xs[i], off = ulps(got.value(i), e.f(x), 0),
                    slope_off = ulps(got.derivatives[0](i), e.df(x), x < 0 ? e.below : e.above);
            BOOST_TEST(off <= 2,
                       fmt::format("{}({}) = {}, not {}: {:.3g} units", e.name, x, got.value(i), e.f(x), off));
            BOOST_TEST(slope_off <= 4, fmt::format("{}'({}) = {}, not {}: {:.3g} units", e.name, x,
                                                   got.derivatives[0](i), e.df(x), slope_off));
        }
    }
    BOOST_TEST(std::size(unary) == table::unary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_operands, T, Types) {
    std::vector<T> as, bs;
    for (T a : some_ends<T>(false))
        for (T b : some_ends<T>(false)) as.push_back(a), bs.push_back(b);
    for (OfTwo const& e : binary) {
        auto const got = computed<T>(table::named(e.name, 2), {xt::adapt(as), xt::adapt(bs)});
        for (std::size_t i = 0; i < as.size(); ++i) {
            R const a = as[i], b = bs[i];
            bool const slope_below_0  = e.name == std::string_view("spike") && b < 0;
            bool const parity_is_lost = e.name == std::string_view("pow") && std::signbit(a) && std::abs(b) > 1e9L;
            if (slope_below_0 || parity_is_lost) continue;
            auto const compare = [&](char const* what, T found, R want, R most) {
                BOOST_TEST(ulps(found, want, 0) <= most, fmt::format("{}{}({}, {}) = {}, not {}: {:.3g} units", e.name,
                                                                     what, a, b, found, want, ulps(found, want, 0)));
            };
            compare("", got.value(i), e.f(a, b), 2);
            compare("'a", got.derivatives[0](i), e.da(a, b), 4), compare("'b", got.derivatives[1](i), e.db(a, b), 4);
        }
    }
    BOOST_TEST(std::size(binary) == table::binary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_three_operands, T, Types) {
    std::vector<T> operands[3];
    auto const all = some_ends<T>(true);
    for (T a : all)
        for (T b : all)
            for (T c : all) operands[0].push_back(a), operands[1].push_back(b), operands[2].push_back(c);
    for (OfThree const& e : ternary) {
        auto const got = computed<T>(table::named(e.name, 3),
                                     {xt::adapt(operands[0]), xt::adapt(operands[1]), xt::adapt(operands[2])});
        for (std::size_t i = 0; i < operands[0].size(); ++i) {
            R const a = operands[0][i], b = operands[1][i], c = operands[2][i];
            auto const compare = [&](std::string const& what, T found, R want, R most, R scale) {
                R const off = ulps(found, want, scale);
                BOOST_TEST(off <= most, fmt::format("{}{}({}, {}, {}) = {}, not {}: {:.3g} units", e.name, what, a, b,
                                                    c, found, want, off));
            };
            if (e.name == std::string_view("scaled_tanh") && (std::isinf(b) || std::isinf(c))) continue;
            if (e.name == std::string_view("fma") && std::abs(a * b) > std::numeric_limits<T>::max())
                continue;  // without an instruction for it, the product is rounded first
            compare("", got.value(i), e.f(a, b, c), 2, e.scale(a, b, c));
            for (std::size_t k = 0; k < 3; ++k)
                compare(fmt::format("'{}", k), got.derivatives[k](i), e.df[k](a, b, c), 4, e.slope_scale[k](a, b, c));
        }
    }
    BOOST_TEST(std::size(ternary) == table::ternary().size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace at_the_ends
