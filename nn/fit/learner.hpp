// Computes batches, each in parts on several threads.
#pragma once
#include <unspool/nn/fit/batch_source.hpp>
#include <unspool/nn/fit/running_mean.hpp>
#include <unspool/nn/fit/shards.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

class Learner {
public:
    Learner(Index threads, Dtype, Where);

    /// Each part draws from a stream of its own, which `seed` gives.
    LossAndGradients learn(AnyBatch const&, std::uint64_t seed);
    void evaluate(AnyBatch const&);
    /// Calls f, once, with the loss of the first part of the next batch that is learned, while its tape is there.
    void when_recorded(std::function<void(Var const&)> f) { recorded_ = std::move(f); }
    /// Adds what the last batch was, in the order of its parts.
    void add_to(RunningMean&) const;

private:
    struct Part {
        double loss = 0, weight = 0;
        std::vector<Metric> metrics = {};
    };
    using Judge = std::function<Var(Tape&, Shard, double weight)>;
    LossAndGradients run(AnyBatch const&, Judge const&);
    void keep(Shard, LossAndMetrics const&, double weight);

    Shards shards_;
    std::vector<Part> parts_;
    std::function<void(Var const&)> recorded_;
    Where where_;
};

/// ValueError where several threads cannot share the batches.
void require_divisible(BatchFeed const&, Index threads, char const* who, Where);
/// Of the rest of the epoch.
RunningMean evaluated(BatchFeed const&, Learner&);

}  // namespace unspool::core
