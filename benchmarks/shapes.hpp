// The shapes at which recurrent layers are timed: steps, batch, inputs and units of one layer.  Knows no library.
#pragma once
#include <array>
#include <cstddef>
#include <string>

namespace bench {

struct RnnShape {
    std::size_t steps, batch, inputs, units;
};

inline constexpr std::array<RnnShape, 5> rnn_shapes{
    {{100, 32, 128, 256}, {100, 1, 64, 128}, {50, 64, 256, 512}, {100, 16, 64, 64}, {1000, 8, 32, 32}}};

/// "T100 B32 I128 H256".
inline std::string name(RnnShape const& s) {
    auto const number = [](std::size_t n) { return std::to_string(n); };
    return "T" + number(s.steps) + " B" + number(s.batch) + " I" + number(s.inputs) + " H" + number(s.units);
}

}  // namespace bench
