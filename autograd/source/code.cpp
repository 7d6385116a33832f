// Where comments, literals, blocks and statements end.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/source/code.hpp>
#include <unspool/autograd/source/lexis.hpp>

namespace unspool::core {

using namespace lexis;

namespace {

void blank(std::string& s, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < std::min(end, s.size()); ++i)
        if (s[i] != '\n') s[i] = ' ';
}

/// The end of a string or character literal that begins at `i`.
std::size_t end_of_literal(std::string const& s, std::size_t i) {
    if (i > 0 && s[i - 1] == 'R' && s[i] == '"') {
        std::size_t const open = s.find('(', i);
        if (open == std::string::npos) return s.size();
        std::size_t const close = s.find(")" + s.substr(i + 1, open - i - 1) + "\"", open);
        return close == std::string::npos ? s.size() : close + (open - i) + 1;
    }
    for (std::size_t j = i + 1; j < s.size() && s[j] != '\n'; ++j) {
        if (s[j] == '\\') ++j;
        else if (s[j] == s[i]) return j + 1;
    }
    return s.find('\n', i);
}

/// Is it the end of `-> Type`?
bool ends_with_type(std::string_view s) {
    std::size_t i = s.size();
    while (i > 0 && (is_word(s[i - 1]) || is_space(s[i - 1]) || std::strchr(":<>&*", s[i - 1]))) --i;
    return i > 0 && s[i - 1] == '-' && s.substr(i).starts_with('>') && !trimmed(s.substr(i + 1)).empty();
}

/// Does the brace after `before` begin a block, rather than a list of values?
bool opens_block(std::string_view before) {
    before = trimmed(before);
    if (before.empty() || std::strchr(")];{}:", before.back())) return true;
    before = before.substr(before.find_last_of(";{}") + 1);
    if (is_one_of(last_word(before), {"else", "do", "try", "const", "noexcept", "mutable", "override", "final"}))
        return true;
    bool declares = ends_with_type(before);
    each_word(before, [&](std::string_view word) {
        declares |= is_one_of(word, {"struct", "class", "namespace", "enum", "union"});
    });
    return declares;
}

/// Where `else`, `case 3:` and their like end, with which a text begins; 0 if it begins with something else.
std::size_t end_of_control(std::string_view s) {
    std::string_view const word = first_word(s);
    if (is_one_of(word, {"else", "do", "for", "if", "while", "switch", "constexpr"})) return word.size();
    std::size_t const colon = s.find(':');
    if (colon == s.npos) return 0;
    bool const alone =
        trimmed(s.substr(0, colon)) == word && is_one_of(word, {"default", "public", "private", "protected"});
    return alone || word == "case" ? colon + 1 : 0;
}

}  // namespace

std::string without_comments(std::string s) {
    for (std::size_t i = 0; i < s.size();) {
        std::size_t end = i + 1;
        if (s.compare(i, 2, "//") == 0) blank(s, i, end = std::min(s.find('\n', i), s.size()));
        else if (s.compare(i, 2, "/*") == 0) blank(s, i, end = std::min(s.find("*/", i + 2), s.size() - 2) + 2);
        else if (s[i] == '"' || (s[i] == '\'' && (i == 0 || !is_word(s[i - 1])))) {
            end = std::min(end_of_literal(s, i), s.size());
            blank(s, i + 1, end - 1);
        } else if (s[i] == '#' && trimmed(std::string_view(s).substr(0, i).substr(s.rfind('\n', i) + 1)).empty())
            blank(s, i, end = std::min(s.find('\n', i), s.size()));
        i = end;
    }
    return s;
}

std::vector<CodeStatement> statements_of(std::string const& s) {
    std::vector<CodeStatement> out;
    std::vector<bool> blocks;  // of the braces that are open: do they hold statements?
    std::size_t begin = 0;
    auto cut          = [&](std::size_t at) {
        if (!trimmed(std::string_view(s).substr(begin, at - begin)).empty()) out.push_back({begin, at});
        begin = at + 1;
    };
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == ';') cut(i);
        if (s[i] == '{') {
            blocks.push_back(opens_block(std::string_view(s).substr(begin, i - begin)));
            if (blocks.back()) cut(i);
        } else if (s[i] == '}' && !blocks.empty()) {
            if (blocks.back()) cut(i);
            blocks.pop_back();
        }
    }
    cut(s.size());
    return out;
}

std::string_view without_control(std::string_view s) {
    for (;;) {
        std::size_t unbalanced = std::string_view::npos;  // the end of what a `for (…; …` began
        each_at_depth(s, [&](std::size_t i, int depth) {
            if (depth < 0) unbalanced = i;
            return depth < 0;
        });
        if (unbalanced != std::string_view::npos) s = trimmed(s.substr(unbalanced + 1));
        else if (std::size_t const control = end_of_control(s); control > 0) {
            s = trimmed(s.substr(control));
            if (s.empty() || s.front() != '(') continue;
            std::size_t end = 0;
            each_at_depth(s, [&](std::size_t i, int depth) {
                end = i;
                return depth == 0 && s[i] == ')';
            });
            s = trimmed(s.substr(end + 1));
        } else return s;
    }
}

}  // namespace unspool::core
