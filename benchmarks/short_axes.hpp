// Short last axes, against long ones.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> short_axis_contests();
std::vector<Contest> short_list_contests();

}  // namespace bench
