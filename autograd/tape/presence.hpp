// Where a handle learns whether its tape is still there.
#pragma once
#include <cstdint>

namespace unspool::core {

class Tape;

/// Outlives its tape: it is given to another one then, whose epochs go on from those of the tape before, so that no handle of a tape
/// that is gone is taken for one of the other.
struct Presence {
    Tape* tape          = nullptr;  // null where it is gone
    std::uint32_t epoch = 0;        // of the tape: how often it was rewound, and how many had this before
    std::uint32_t first =
        0;  // of its epochs: those before are of tapes that are gone; the largest number where it is gone itself

    static Presence& of(Tape&);  // throws std::bad_alloc
    void end() noexcept;         // of the tape
};

}  // namespace unspool::core
