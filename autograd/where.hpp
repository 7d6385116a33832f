// The line of the user's program that recorded something.
#pragma once
#include <string>

namespace unspool {

/// Captured by default arguments.  (Not std::source_location: clang 14 lacks it.)
struct Where {
    char const*            file = "";
    unsigned               line = 0;
    bool                   part = false;  // of the statement there: what it assigns is something else
    static constexpr Where here(char const* file = __builtin_FILE(), unsigned line = __builtin_LINE()) { return {file, line}; }
    constexpr Where        inside() const { return {file, line, true}; }  ///< of a part of the statement
};

std::string text(Where);  ///< "mgu.cpp:23"; the folder is left out

}  // namespace unspool
