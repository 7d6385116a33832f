// Functions of many elements: their speed, and how exact they are, against xtensor and the standard library.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

std::vector<Contest> elementwise_contests();

}  // namespace bench
