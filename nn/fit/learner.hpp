// Computes batches, each in parts on several threads and ranks.
#pragma once
#include <optional>
#include <unspool/nn/fit/batch_source.hpp>
#include <unspool/nn/fit/running_mean.hpp>
#include <unspool/nn/fit/shards.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

class Learner {
public:
    /// Of these parameters; `ranks` is null where this process is alone.
    Learner(Params const&, Index parts, Index threads, Ranks* ranks, Where);

    /// Each part draws from a stream of its own, which `seed` gives.
    LossAndGradients learn(AnyBatch const&, std::uint64_t seed);
    void evaluate(AnyBatch const&);
    /// Calls f, once, with the loss of the first part of the next batch that is learned, while its tape is there.
    void when_recorded(std::function<void(Var const&)> f) { recorded_ = std::move(f); }
    /// Adds what the last batch was, in the order of its parts, on whatever rank.
    void add_to(RunningMean&) const;

private:
    struct Part {
        double loss = 0, weight = 0;
        std::vector<Metric> metrics  = {};
        std::optional<Random> random = {};  // until gradients have come back: steps may draw again
    };
    using Judge = std::function<Var(Tape&, Shard, double weight)>;
    LossAndGradients run(AnyBatch const&, Judge const&);
    void keep(Shard, LossAndMetrics const&, double weight);
    void tell();

    Ranks* ranks_;
    Shards shards_;
    std::vector<Part> parts_;
    std::function<void(Var const&)> recorded_;
    Where where_;
};

/// In how many parts a batch is computed, where 0 were asked for: as a whole on one thread, else in 8, whatever the number of threads and ranks.
Index parts_of_a_batch(Index parts, Index threads, Ranks const*);
/// What the random numbers of a batch of a run follow from.
std::uint64_t seed_of_batch(std::uint64_t seed, Index epoch, Index batch);
/// Why all ranks stop, where one does.
Stop agreed(Ranks*, Stop, Where);
/// ValueError where batches cannot be cut into parts.
void require_divisible(BatchFeed const&, Index parts, char const* who, Where);
/// Of the rest of the epoch.
RunningMean evaluated(BatchFeed const&, Learner&);

}  // namespace unspool::core
