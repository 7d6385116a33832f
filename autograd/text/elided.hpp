// Texts that stay short, however long what they tell of.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

inline constexpr std::size_t longest_name  = 120;  ///< bytes of a name within a text
inline constexpr std::size_t longest_text  = 400;  ///< bytes of an equation, or of a path, within a text
inline constexpr std::size_t most_operands = 5;    ///< of a call, in an equation
inline constexpr std::size_t most_views    = 8;    ///< one after the other, of what a view was taken from

/// A text in UTF-8 of more than about `most` bytes, without its middle: "beginning … end".
std::string elided(std::string_view, std::size_t most);

/// The numbers of those of `n` things that take `most` places: all, or the first ones, a place for the others, and the last.  `also`,
/// which is one of them, takes a place besides.
std::vector<std::size_t> some_of(std::size_t n, std::size_t most, std::size_t also = 0);

/// What `text_of(k)` says of those, a text or what can be made of one, with "…" for the others.
template <class F> auto some_texts(std::size_t n, std::size_t most, F&& text_of) {
    std::vector<decltype(text_of(n))> out;
    std::size_t next = 0;
    for (std::size_t k : some_of(n, most)) {
        if (k > next) out.emplace_back("…");
        out.push_back(text_of(k));
        next = k + 1;
    }
    return out;
}

}  // namespace unspool::core
