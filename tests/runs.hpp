// How often what is random is tried.
#pragma once
#include <cstdlib>

/// A few times with every change; `many` times where ./dev check asks for it.
inline int runs(int few, int many) { return std::getenv("UNSPOOL_MANY_RUNS") ? many : few; }
