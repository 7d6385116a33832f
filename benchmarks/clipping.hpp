// The gradients of a batch, each sequence's clipped, beside as many sweeps of one sequence.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> clipping_contests();

}  // namespace bench
