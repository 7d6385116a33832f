// How many units in the last place a stream is from a paused tape.
#pragma once
#include <plans/cells.hpp>

namespace plans {

/// The worst, each step from the tape's state, of what comes out and of the next state: of the first steps, before a tape lays out its weights
/// as a stream does, and of those behind.
struct Units {
    double first = 0, later = 0;
};
Units units_of(NamedCell const&);

}  // namespace plans
