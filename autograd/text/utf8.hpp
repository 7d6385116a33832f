// Characters of a text in UTF-8.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace unspool::core::utf8 {

struct Character {
    char32_t code      = 0;
    std::size_t length = 0;  // in bytes
};

/// What a text, which must not be empty, begins with; of length 0 if that is not UTF-8 (The Unicode Standard 15, table 3-7).
Character first(std::string_view);

inline constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Calls `f(bytes, code)` for each character of a text; for U+FFFD instead, where it is not UTF-8, and for U+FFFE and U+FFFF, which
/// no XML may hold.
template <class F> void each_character(std::string_view s, F&& f) {
    while (!s.empty()) {
        auto const [code, length] = first(s);
        if (length == 0 || code == 0xFFFE || code == 0xFFFF) f(replacement, char32_t{0xFFFD});
        else f(s.substr(0, length), code);
        s.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

constexpr bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

/// How many columns of a terminal a character takes: 2 if it is wide (Unicode Standard Annex 11), 0 if it is drawn over the one before
/// it, otherwise 1.
std::size_t width(char32_t code);

/// A text on one line, whatever it holds: control characters are spaces.  What is longer than so many bytes ends in an ellipsis.
std::string one_line(std::string_view, std::size_t most = std::string_view::npos);

}  // namespace unspool::core::utf8

namespace unspool {

namespace utf8 = core::utf8;

}  // namespace unspool
