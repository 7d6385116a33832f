// What becomes of an increment to an adjoint.
#pragma once
#include <cstdint>

namespace unspool::core {

/// No one needs it; it is the first, and overwrites; it is added to what is there.
enum class WriteMode : std::uint8_t { none, assign, add };

}  // namespace unspool::core
