// What a statement costs when its arrays are so small that arithmetic does not count.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

/// Statements on 16 elements, each of which uses the result of the one before.
struct Chain {
    bool has_tanh;  // x = tanh(a * x + b), or x = a * x + b
    bool backward;  // the reverse sweep alone, or the recording alone

    static constexpr int length = 10'000, elements = 16;
    static constexpr float a = 0.9f, b = 0.1f, x = 0.5f;  // x: at first
};

/// Those against whom a chain is timed.
using ChainPeers = std::function<std::vector<Contender>(Chain)>;

std::vector<Contest> overhead_contests(ChainPeers const&);

}  // namespace bench
