// Random orders.
#include <numeric>
#include <unspool/nn/data/shuffle.hpp>

namespace unspool::core {

namespace {

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

}  // namespace

std::vector<Index> permutation(Index n, Random& random) {
    std::vector<Index> out(static_cast<std::size_t>(n));
    std::iota(out.begin(), out.end(), Index{0});
    shuffle<Index>(out, random);
    return out;
}

Random round_of(std::uint64_t seed, std::uint64_t number) {
    return Random(mixed(mixed(seed) + number * 0x9e3779b97f4a7c15));
}

}  // namespace unspool::core
