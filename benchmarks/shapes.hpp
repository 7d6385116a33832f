// The shapes at which recurrent layers are timed: steps, batch, inputs and units of one layer. Knows no library.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bench {

struct RnnShape {
    std::string_view name;
    std::size_t      steps;
    std::size_t      batch;
    std::size_t      inputs;
    std::size_t      units;
};

inline constexpr std::array<RnnShape, 5> rnn_shapes{{
    {"T100 B32 I128 H256", 100, 32, 128, 256},
    {"T100 B1 I64 H128", 100, 1, 64, 128},
    {"T50 B64 I256 H512", 50, 64, 256, 512},
    {"T100 B16 I64 H64", 100, 16, 64, 64},
    {"T1000 B8 I32 H32", 1000, 8, 32, 32},
}};

}  // namespace bench
