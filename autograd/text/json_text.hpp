// Texts and numbers as JSON has them.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace unspool::core {

/// In quotes, and in ASCII; what is not UTF-8 becomes U+FFFD.
std::string json_text(std::string_view);
/// A number, to so many digits, or to the last bit (0); in quotes, "nan", "inf" or "-inf", which JSON has no numbers for.
std::string json_number(double, int digits = 0);
/// A list of them: "[1,0.5]".
std::string json_numbers(std::span<double const>, int digits = 0);
std::string json_texts(std::span<std::string const>);

}  // namespace unspool::core
