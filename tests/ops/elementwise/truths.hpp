// What elementwise operations and their derivatives are, in long double.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace at_the_ends {

using R                = long double;
inline constexpr R inf = std::numeric_limits<R>::infinity(), not_a_number = std::numeric_limits<R>::quiet_NaN();

// ---- what is true ---------------------------------------------------------------------------------------------------

inline R truth(bool b) { return b ? 1 : 0; }
inline R sign(R x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
inline R within(R low, R high, R x) { return x < low ? low : x > high ? high : x; }
inline R sigmoid(R x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
inline R softplus(R x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
/// 1 - tanh² x
inline R bell(R x) { return std::pow(1 / std::cosh(x), R(2)); }
/// x y, and 0 where y is 0 and x infinite: what is bounded, or falls faster than the other grows.
inline R times(R x, R y) { return y == 0 && !std::isnan(x) ? 0 : x * y; }
inline R normal(R x) { return std::erfc(-x / std::numbers::sqrt2_v<R>) / 2; }
inline R density(R x) { return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi_v<R> / std::numbers::sqrt2_v<R>; }
inline R u(R x) { return std::sqrt(2 / std::numbers::pi_v<R>) * (x + 0.044715L * x * x * x); }
inline R du(R x) { return std::sqrt(2 / std::numbers::pi_v<R>) * (1 + 3 * 0.044715L * x * x); }
inline constexpr R lambda = 1.0507009873554804934L, alpha = 1.6732632423543772848L;

/// An operation, and its derivative.  Where that is a difference such as 1 - y², it has the errors of 1: below 0, above it, or both.
struct OfOne {
    char const* name;
    R (*f)(R), (*df)(R);
    R below = 0, above = 0;
    R root = not_a_number;  // within 1 of which the derivative passes through 0, and has the errors of 1
};
inline OfOne const unary[] = {
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
    {"erfc", [](R x) { return std::erfc(x); },
     [](R x) { return -2 * std::numbers::inv_sqrtpi_v<R> * std::exp(-x * x); }},
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
     [](R x) { return sigmoid(x) + times(x, sigmoid(x) * sigmoid(-x)); }, 0, 0, -1.28L},
    {"gelu", [](R x) { return times(x, normal(x)); }, [](R x) { return normal(x) + times(x, density(x)); }, 0, 0,
     -0.75L},
    {"gelu_tanh", [](R x) { return times(x, sigmoid(2 * u(x))); },
     [](R x) { return sigmoid(2 * u(x)) + times(x * 2 * du(x), sigmoid(2 * u(x)) * sigmoid(-2 * u(x))); }, 0, 0,
     -0.75L},
    {"sign", [](R x) { return sign(x); }, [](R) { return R(0); }},
    {"floor", [](R x) { return std::floor(x); }, [](R) { return R(0); }},
    {"round", [](R x) { return std::nearbyint(x); }, [](R) { return R(0); }},
};

struct OfTwo {
    char const* name;
    R (*f)(R, R), (*da)(R, R), (*db)(R, R);
};
inline R none(R, R) { return 0; }
inline R one(R, R) { return 1; }
inline R first(R a, R b) { return a < b ? 0 : a == b ? 0.5L : 1; }
inline R ratio(R a, R b) { return a == 0 && b == 0 ? 0 : a / std::hypot(a, b); }
inline R angle(R a, R b) { return a / std::hypot(a, b) / std::hypot(a, b); }
inline OfTwo const binary[] = {
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
    {"pow", [](R a, R b) { return std::pow(a, b); },
     [](R a, R b) { return b == 0                       ? 0
                           : std::isnan(std::pow(a, b)) ? not_a_number
                                                        : b * std::pow(a, b - 1); },
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

inline R nothing(R, R, R) { return 0; }
struct OfThree {
    char const* name;
    R (*f)(R, R, R), (*df[3])(R, R, R);
    R (*scale)(R, R, R)          = nothing;  // whose errors the value has, if it is a difference
    R (*slope_scale[3])(R, R, R) = {nothing, nothing, nothing};
};
inline R low_taken(R x, R lo, R hi) { return truth(x < lo && !(hi < lo)); }
inline R high_taken(R x, R lo, R hi) { return truth(x > hi || (x < lo && hi < lo)); }
inline OfThree const ternary[] = {
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

}  // namespace at_the_ends
