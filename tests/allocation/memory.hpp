// The program's memory: operator new, and what the library asks the system for, counted, and refused when told to.
#pragma once
#include <cstdint>

namespace memory {

/// What is refused: the allocation of that number, counted from now and from 1, or all from that one on.
enum class Refuse : std::uint8_t { one, all_from };

void begin(Refuse, long number);
/// Refuses nothing any more.  Was anything refused?
bool end();
long made();   ///< allocations since begin()
long alive();  ///< what operator new gave and no one gave back

}  // namespace memory
