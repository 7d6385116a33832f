// Looks at characters, one after the other: a line of a source may be of any length.
#include <algorithm>
#include <cctype>
#include <unspool/autograd/source/lexis.hpp>

namespace unspool::core::lexis {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_name(std::string_view word) { return !word.empty() && !std::isdigit(static_cast<unsigned char>(word[0])); }

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

std::string_view first_word(std::string_view s) {
    return s.substr(0, static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_word) - s.begin()));
}

std::string_view last_word(std::string_view s) {
    std::size_t i = s.size();
    while (i > 0 && is_word(s[i - 1])) --i;
    return s.substr(i);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), word) != all.end();
}

std::size_t matching(std::string_view s, std::size_t close) {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
        depth += std::strchr(")]}", s[i]) ? 1 : std::strchr("([{", s[i]) ? -1 : 0;
        if (depth == 0) return i;
    }
    return std::string_view::npos;
}

bool is_binary(std::string_view s, std::size_t i) {
    std::string_view const before = trimmed(s.substr(0, i));
    if (before.empty() || !(is_word(before.back()) || std::strchr(")]}\"", before.back()))) return false;
    if (i + 1 < s.size() && (s[i + 1] == '>' || s[i + 1] == '=')) return false;
    bool const exponent =
        (before.back() == 'e' || before.back() == 'E') && before.size() == i && before.size() > 1 &&
        (std::isdigit(static_cast<unsigned char>(before[before.size() - 2])) || before[before.size() - 2] == '.');
    return !exponent;
}

std::size_t last_operator(std::string_view s, char const* which) {
    std::size_t found = std::string_view::npos;
    each_at_depth(s, [&](std::size_t i, int depth) {
        if (depth == 0 && std::strchr(which, s[i]) && is_binary(s, i)) found = i;
        return false;
    });
    return found;
}

std::size_t occurrences(std::string_view head, std::string_view s) {
    std::size_t n = 0;
    if (!is_word(head[0])) {
        for (std::size_t i = 0; i < s.size(); ++i) n += s[i] == head[0] && (head == "[]" || is_binary(s, i));
        return n;
    }
    each_word(s, [&](std::string_view word) { n += word == head; });
    return n;
}

}  // namespace unspool::core::lexis
