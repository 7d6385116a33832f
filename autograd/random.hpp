// Random numbers that are the same with every compiler and standard library: the engine is std::mt19937_64, whose
// stream the standard fixes; the distributions are ours, because the standard leaves theirs open.
#pragma once
#include <cstdint>
#include <random>

namespace unspool {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// Uniform on [0, 1): the upper 53 bits of a draw.
    double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Standard normal, by Box and Muller (1958).
    double normal();
    /// Uniform on {0, …, n-1}, for n > 0.
    std::uint64_t below(std::uint64_t n);

private:
    std::mt19937_64 engine_;
};

}  // namespace unspool
