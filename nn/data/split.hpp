// What to train on, and what to judge the training by.
#pragma once
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/data/shuffle.hpp>

namespace unspool::core {

/// The numbers of examples, or of the steps of a series, each in rising order.
struct DataSplit {
    /// To learn from, and to judge by.
    std::vector<Index> train, validation;
};

/// round(fraction · n) of n examples, at random, for validation.  ValueError unless 0 < fraction < 1 and both parts get at
/// least one.
DataSplit random_split(Index n, double fraction, std::uint64_t seed, Where = Where::here());
/// The last ones for validation: for series, where neighbours resemble each other.
DataSplit chronological_split(Index n, double fraction, Where = Where::here());
/// k ways to set a k-th apart, at random: each example is in one validation part.  ValueError unless 2 ≤ k ≤ n.
std::vector<DataSplit> k_fold(Index n, Index k, std::uint64_t seed, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::DataSplit, core::chronological_split, core::k_fold, core::random_split;

}  // namespace unspool
