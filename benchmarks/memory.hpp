// How much memory some work needs, whoever allocates it: by the process's resident memory, as Linux counts it.
#pragma once
#include <functional>

namespace bench {

/// By how many bytes the process's resident memory grew, at most, while `work` ran.
double peak_growth(std::function<void()> const& work);

}  // namespace bench
