// Texts as JSON has them.
#pragma once
#include <string>
#include <string_view>

namespace unspool::core {

/// In quotes, and in ASCII; what is not UTF-8 becomes U+FFFD.
std::string json_text(std::string_view);

}  // namespace unspool::core
