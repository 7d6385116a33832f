// Statements whose last axes are short, against the same of arrays that are alike.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> short_axis_contests();

}  // namespace bench
