// Some axes of an array.
#pragma once
#include <cstddef>
#include <cstdint>

namespace unspool::core {

/// Axes of an array, one bit each.
struct AxisSet {
    std::uint32_t bits = 0;
    bool has(std::size_t axis) const { return (bits >> axis & 1u) != 0; }
};

}  // namespace unspool::core
