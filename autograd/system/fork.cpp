// Counts forks.
#include <atomic>
#include <unspool/autograd/system/fork.hpp>

namespace unspool::core {

namespace {

constinit std::atomic<unsigned> seen = 0;
[[maybe_unused]] int const counting  = pthread_atfork(nullptr, nullptr, [] { ++seen; });

}  // namespace

unsigned forks() { return seen; }

}  // namespace unspool::core
