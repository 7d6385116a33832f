// Golden values: how the tests read tests/golden/*.json, and compare arrays with them.
#pragma once
#include <algorithm>
#include <boost/test/tools/assertion_result.hpp>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

namespace golden {

using Json = nlohmann::json;

/// The file of this name, "lstm" for tests/golden/lstm.json.
inline Json file(std::string const& name) {
    std::ifstream in(std::string(UNSPOOL_TESTS_DIR) + "/golden/" + name + ".json");
    if (!in) throw std::runtime_error("there is no golden file " + name);
    return Json::parse(in);
}

/// A number; infinity and NaN are strings, because JSON lacks them.
inline double number(Json const& j) {
    if (!j.is_string()) return j.get<double>();
    return j == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::stod(j.get<std::string>());
}

/// An array with elements of type T, or a plain number as an array without axes.
template <class T> xt::xarray<T> array(Json const& j) {
    if (!j.is_object()) return xt::xarray<T>(static_cast<T>(number(j)));
    xt::xarray<T> out = xt::empty<T>(j.at("shape").get<std::vector<std::size_t>>());
    if (j.at("data").size() != out.size()) throw std::runtime_error("a golden array has another size than its shape");
    std::transform(j.at("data").begin(), j.at("data").end(), out.begin(),
                   [](Json const& x) { return static_cast<T>(number(x)); });
    return out;
}

/// How far apart, relative to the larger of 1 and the expected number; equal infinities and NaNs are not apart.
inline double distance(double actual, double expected) {
    if (actual == expected || (std::isnan(actual) && std::isnan(expected))) return 0;
    double const d = std::abs(actual - expected) / std::max(1.0, std::abs(expected));
    return std::isfinite(d) ? d : std::numeric_limits<double>::infinity();
}

/// Says how the shapes differ, if they do.
template <class A, class E>
bool shapes_differ(A const& actual, E const& expected, boost::test_tools::assertion_result& result) {
    if (std::equal(actual.shape().begin(), actual.shape().end(), expected.shape().begin(), expected.shape().end()))
        return false;
    result.message() << "shapes differ: [" << fmt::format("{}", fmt::join(actual.shape(), ",")) << "], expected ["
                     << fmt::format("{}", fmt::join(expected.shape(), ",")) << "]";
    return true;
}

/// Are two arrays of one shape, and each element as near as `tolerance`?  `BOOST_TEST(golden::near(y, expected, 1e-12))`.
template <class A, class E>
boost::test_tools::assertion_result near(A const& actual, E const& expected, double tolerance) {
    boost::test_tools::assertion_result differ(false);
    if (shapes_differ(actual, expected, differ)) return differ;
    auto const a      = actual.template begin<xt::layout_type::row_major>();
    auto const e      = expected.template begin<xt::layout_type::row_major>();
    std::ptrdiff_t at = 0;
    double worst      = 0;
    for (std::ptrdiff_t i = 0; i < std::ssize(expected); ++i)
        if (double const d = distance(static_cast<double>(a[i]), static_cast<double>(e[i])); d > worst)
            worst = d, at = i;
    if (worst <= tolerance) return true;
    differ.message() << "element " << at << " of " << expected.size() << " is " << a[at] << ", expected " << e[at]
                     << ", " << worst << " apart";
    return differ;
}

/// Are two arrays of one shape, and is the norm of their difference at most `tolerance` of that of the expected one?
template <class A, class E>
boost::test_tools::assertion_result near_in_norm(A const& actual, E const& expected, double tolerance) {
    boost::test_tools::assertion_result differ(false);
    if (shapes_differ(actual, expected, differ)) return differ;
    auto const a = actual.template begin<xt::layout_type::row_major>();
    auto const e = expected.template begin<xt::layout_type::row_major>();
    double apart = 0, norm = 0;
    for (std::ptrdiff_t i = 0; i < std::ssize(expected); ++i) {
        apart += std::pow(static_cast<double>(a[i]) - static_cast<double>(e[i]), 2);
        norm += std::pow(static_cast<double>(e[i]), 2);
    }
    if (std::sqrt(apart) <= tolerance * std::sqrt(norm)) return true;
    differ.message() << std::sqrt(apart) << " apart, where the norm is " << std::sqrt(norm);
    return differ;
}

}  // namespace golden
