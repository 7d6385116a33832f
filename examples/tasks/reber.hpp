// The embedded Reber grammar, after Fahlman, "The recurrent cascade-correlation architecture" (1991):
//     B T … T E   or   B P … P E,   where … is a string of Reber's grammar:
//
//         B → 1      1: T → 2, P → 3      2: S → 2, X → 4      3: T → 3, V → 5
//                    4: X → 3, S → 6      5: P → 4, V → 6      6: E
//
// Whoever reads it has to remember the second symbol until the last but one.
#pragma once
#include <unspool.hpp>

namespace tasks {

using namespace unspool;

constexpr std::string_view reber_symbols = "BTPSXVE";

/// A string, and what could have come in the place of each symbol but the first.
struct ReberString {
    Symbols symbols;                         ///< as numbers in reber_symbols
    std::vector<std::array<bool, 7>> legal;  ///< after symbols[0], …, symbols[t]
};

/// Each choice of the grammar is made with probability one half.
ReberString reber_string(Random&);
/// Is it of the embedded grammar?
bool is_reber(std::string_view);

}  // namespace tasks
