// Counts forks.
#include <atomic>
#include <unspool/autograd/system/fork.hpp>

namespace unspool::core {

namespace {

constinit std::atomic<unsigned> count = 0;
[[maybe_unused]] int const counting   = pthread_atfork(nullptr, nullptr, [] { ++count; });

}  // namespace

unsigned forks() { return count; }

}  // namespace unspool::core
