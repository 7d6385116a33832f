// Recurrent layers, written from operations, against oneDNN's kernels.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> recurrent_contests();

}  // namespace bench
