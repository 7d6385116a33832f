// A linear recurrence as one operation, beside a loop by hand over the same arrays, which memory bounds, and beside a statement a step.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> linear_recurrence_contests();

}  // namespace bench
