// Recurrent layers, written from operations, against oneDNN's kernels; and how they do with long sequences.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> recurrent_contests();
std::vector<Contest> streaming_contests();
std::vector<Contest> custom_cell_contests();
std::vector<Contest> scaling_contests();

}  // namespace bench
