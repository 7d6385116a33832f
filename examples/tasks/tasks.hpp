// Tasks that networks without a memory cannot solve, and how well one that has learned them does on sequences it has not seen.
#pragma once
#include <cstdint>
#include <string>

namespace tasks {

/// What was reached, and what was to be.
struct Figure {
    std::string model;  ///< cell, size, updates
    std::string what;
    double value, wanted;
    bool most;              ///< wanted at most, or at least
    std::string also = {};  ///< other figures

    bool reached() const { return most ? value <= wanted : value >= wanted; }
};

/// The sum of two marked numbers among 50: Hochreiter and Schmidhuber (1997), task 4, as Le, Jaitly and Hinton (2015) state it.
Figure adding(std::uint64_t seed);
/// 10 symbols of 8, to be repeated after 20 blanks: Arjovsky, Shah and Bengio, "Unitary evolution recurrent neural networks" (2016).
Figure copying(std::uint64_t seed);
/// Strings of the embedded Reber grammar: Hochreiter and Schmidhuber (1997), task 1.
Figure reber(std::uint64_t seed);
/// In which order two symbols came, among 100 to 110 others: Hochreiter and Schmidhuber (1997), task 6a.
Figure order(std::uint64_t seed);

}  // namespace tasks
