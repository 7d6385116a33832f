// Texts and numbers as JSON has them.
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <vector>

namespace unspool::core {

namespace {

template <class All, class Text> std::string json_list(All const& all, Text text) {
    std::vector<std::string> texts;
    for (auto const& x : all) texts.push_back(text(x));
    return fmt::format("[{}]", fmt::join(texts, ","));
}

}  // namespace

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string json_number(double x, int digits) {
    if (std::isnan(x)) return "\"nan\"";
    if (std::isinf(x)) return x > 0 ? "\"inf\"" : "\"-inf\"";
    return digits > 0 ? fmt::format("{:.{}g}", x, digits) : fmt::format("{}", x);
}

std::string json_numbers(std::span<double const> all, int digits) {
    return json_list(all, [digits](double x) { return json_number(x, digits); });
}

std::string json_texts(std::span<std::string const> all) { return json_list(all, json_text); }

}  // namespace unspool::core
