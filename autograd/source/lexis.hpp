// Words, brackets and operators of C++ source, by characters.
#pragma once
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace unspool::core::lexis {

bool is_word(char);
bool is_space(char);
bool is_name(std::string_view word);  // not a number

std::string_view trimmed(std::string_view);
std::string_view first_word(std::string_view);  // that the text begins with; "" if it begins with something else
std::string_view last_word(std::string_view);
bool is_one_of(std::string_view word, std::initializer_list<std::string_view>);

/// Calls f(i, depth) for every character, with the number of brackets that are open around it; stops where f says so.
template <class F> void each_at_depth(std::string_view s, F&& f) {
    int depth = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (std::strchr(")]}", s[i])) --depth;
        if (f(i, depth)) return;
        if (std::strchr("([{", s[i])) ++depth;
    }
}

/// Calls f(word) for every word.
template <class F> void each_word(std::string_view s, F&& f) {
    for (std::size_t i = 0; i < s.size();) {
        std::string_view const word = first_word(s.substr(i));
        if (!word.empty()) f(word);
        i += word.size() + 1;
    }
}

std::size_t matching(std::string_view, std::size_t close);       // the bracket that the one at `close` closes
bool is_binary(std::string_view, std::size_t i);                 // is the sign at `i` between two operands?
std::size_t last_operator(std::string_view, char const* which);  // outside of all brackets
std::size_t occurrences(std::string_view word_or_sign,
                        std::string_view in);  // as a whole word, or between two operands

}  // namespace unspool::core::lexis
