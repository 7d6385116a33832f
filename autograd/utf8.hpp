// Characters of a text in UTF-8.
#pragma once
#include <cstddef>
#include <string_view>

namespace unspool::utf8 {

struct Character {
    char32_t    code   = 0;
    std::size_t length = 0;  // in bytes
};

/// What a text, which must not be empty, begins with; of length 0 if that is not UTF-8 (The Unicode Standard 15, table 3-7).
Character first(std::string_view);

}  // namespace unspool::utf8
