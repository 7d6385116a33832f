// Text in UTF-8, character by character or word by word.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace unspool::core {

/// A byte order mark at the beginning is never part of the text.
struct TextOptions {
    bool keep_crlf =
        false;  ///< a carriage return before a newline is a character of its own; else the two are one newline
    bool strict =
        false;  ///< bytes that are not UTF-8 are an error; else each of them is read as U+FFFD, the replacement character
    bool newlines = false;  ///< among words, a newline is one: "\n"
};

/// The character (code point) at `at`, in UTF-8, which moves there to the next one; empty at the end.  What it points to is
/// in the text, or constant.  ValueError for a byte that is not UTF-8, in strict text.  `begin` is where in a longer text this
/// one begins.
std::string_view next_character(std::string_view text, std::size_t& at, TextOptions const& = {}, std::size_t begin = 0);

/// The next word: what is between blanks (space, tab, newline, carriage return, vertical tab, form feed); empty at the end.
/// What it points to is in the text, or in `memory`, until the next call.
std::string_view next_word(std::string_view text, std::size_t& at, std::string& memory, TextOptions const& = {},
                           std::size_t begin = 0);

/// What a text is cut into.
enum class SymbolKind : std::uint8_t { characters, words };
std::string_view next_symbol(SymbolKind, std::string_view text, std::size_t& at, std::string& memory,
                             TextOptions const& = {}, std::size_t begin = 0);
/// Is the first symbol the same, whatever follows this text?
bool begins_with_whole_symbol(SymbolKind, std::string_view text, TextOptions const& = {});

}  // namespace unspool::core

namespace unspool {

using core::SymbolKind, core::TextOptions;

}  // namespace unspool
