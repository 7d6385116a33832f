// The line of the user's program that recorded something.
#pragma once
#include <string>

namespace unspool {

/// Captured by default arguments.  (Not std::source_location: clang 14 lacks it.)
struct Where {
    char const*            file = "";
    unsigned               line = 0;
    static constexpr Where here(char const* file = __builtin_FILE(), unsigned line = __builtin_LINE()) { return {file, line}; }
};

std::string text(Where);  ///< "mgu.cpp:23"; the folder is left out

}  // namespace unspool
