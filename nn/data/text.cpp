// Text in UTF-8.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/data/text.hpp>

namespace unspool::core {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF", replacement = "\xEF\xBF\xBD", blanks = " \t\n\r\v\f",
                           blanks_but_newline = " \t\r\v\f";

void skip_byte_order_mark(std::string_view text, std::size_t& at, std::size_t begin) {
    if (begin + at == 0 && text.starts_with(byte_order_mark)) at = byte_order_mark.size();
}

[[noreturn]] void not_utf8(char byte, std::size_t at) {
    throw ValueError(
        fmt::format("byte {} of the text is 0x{:02x}, which is not UTF-8 there", at, static_cast<unsigned char>(byte)));
}

// Whether the piece of text is as it would be read: valid, and without carriage returns to be dropped.
std::string_view cleaned(std::string_view piece, std::size_t begin, std::string& memory, TextOptions const& options) {
    memory.clear();
    for (std::size_t at = 0; at < piece.size();) {
        std::size_t const n = utf8::first(piece.substr(at)).length;
        if (n == 0 && options.strict) not_utf8(piece[at], begin + at);
        memory += n == 0 ? replacement : piece.substr(at, n);
        at += std::max<std::size_t>(n, 1);
    }
    return memory;
}

bool is_ascii(std::string_view s) {
    for (char c : s)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

}  // namespace

std::string_view next_character(std::string_view text, std::size_t& at, TextOptions const& options, std::size_t begin) {
    skip_byte_order_mark(text, at, begin);
    if (at >= text.size()) return {};
    std::string_view const rest = text.substr(at);
    if (!options.keep_crlf && rest.starts_with("\r\n")) return at += 2, rest.substr(1, 1);
    std::size_t const n = utf8::first(rest).length;
    if (n == 0 && options.strict) not_utf8(text[at], begin + at);
    at += std::max<std::size_t>(n, 1);
    return n == 0 ? replacement : rest.substr(0, n);
}

std::string_view next_word(std::string_view text, std::size_t& at, std::string& memory, TextOptions const& options,
                           std::size_t begin) {
    skip_byte_order_mark(text, at, begin);
    for (; at < text.size() && blanks.find(text[at]) != blanks.npos; ++at)
        if (options.newlines && text[at] == '\n') return text.substr(at++, 1);
    std::size_t const first = at;
    at                      = std::min(text.find_first_of(blanks, first), text.size());
    auto const word         = text.substr(first, at - first);
    return is_ascii(word) ? word : cleaned(word, begin + first, memory, options);
}

std::string_view next_symbol(SymbolKind kind, std::string_view text, std::size_t& at, std::string& memory,
                             TextOptions const& options, std::size_t begin) {
    return kind == SymbolKind::characters ? next_character(text, at, options, begin)
                                          : next_word(text, at, memory, options, begin);
}

bool begins_with_whole_symbol(SymbolKind kind, std::string_view text, TextOptions const& options) {
    constexpr std::size_t longest_character = 4;
    if (kind == SymbolKind::characters) return text.size() >= byte_order_mark.size() + longest_character;
    std::size_t const first =
        std::min(text.find_first_not_of(options.newlines ? blanks_but_newline : blanks), text.size());
    return text.find_first_of(blanks, first) != text.npos;
}

}  // namespace unspool::core
