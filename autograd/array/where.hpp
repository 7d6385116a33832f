// The line of the user's program that recorded something.
#pragma once
#include <concepts>
#include <string>
#include <string_view>

namespace unspool::core {

/// Captured by default arguments.  (Not std::source_location: clang 14 lacks it.)
struct Where {
    char const* file = "";     ///< as the compiler was given it
    unsigned line    = 0;      ///< from 1; 0: not known
    bool part        = false;  // of the statement there: what it assigns is something else

    constexpr Where() = default;
    constexpr Where(std::same_as<char const*> auto f, unsigned l, bool p = false)
        : file(f), line(l), part(p) {}  // no list of numbers is one

    /// The line that this stands in; as a default argument, the line of the call.
    static constexpr Where here(char const* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        return {file, line};
    }
    constexpr Where inside() const { return {file, line, true}; }  ///< of a part of the statement
};

std::string text(Where);  ///< "mgu.cpp:23"; the folder is left out
/// "mgu.cpp:23: x is a scalar"; of a place that is not known, the words alone.
std::string located(Where, std::string_view words);

}  // namespace unspool::core

namespace unspool {

using core::Where, core::text;

}  // namespace unspool
