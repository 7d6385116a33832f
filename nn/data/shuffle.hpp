// Random orders, the same with every compiler and standard library.
#pragma once
#include <span>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// Any order of the elements is as likely as any other (Fisher and Yates 1938, in Durstenfeld's form).
template <class T> void shuffle(std::span<T> x, Random& random) {
    for (std::size_t left = x.size(); left > 1; --left) std::swap(x[left - 1], x[random.below(left)]);
}

/// 0, …, n-1 in a random order.
std::vector<Index> permutation(Index n, Random&);

/// The random numbers of a round of something, which depend on its seed and its number only: rounds can be repeated, or begun
/// with any of them.
Random round_of(std::uint64_t seed, std::uint64_t number);

}  // namespace unspool::core
