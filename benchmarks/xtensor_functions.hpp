// xtensor as a peer: a function of an array, computed with SIMD instructions.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

/// F is one of those in functions.hpp.
template <class F> Ready with_xtensor(std::vector<float> const& xs);

}  // namespace bench
