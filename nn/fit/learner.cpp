// What each part of a batch is asked, and what is kept of the answers.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/nn/data/shuffle.hpp>
#include <unspool/nn/fit/learner.hpp>

namespace unspool::core {

namespace {

/// A loss that has a gradient, though no one wants it.
Var nothing(Tape& tape) { return tape.input(0.0); }

}  // namespace

Learner::Learner(Index parts, Index threads, Dtype dtype, Where where)
    : shards_(parts, dtype, threads, where), parts_(static_cast<std::size_t>(parts)), where_(where) {}

LossAndGradients Learner::learn(AnyBatch const& batch, std::uint64_t seed) {
    return run(batch, [&](Tape& tape, Shard s, double weight) {
        Random& random = parts_[static_cast<std::size_t>(s.number)].random.emplace(
            round_of(seed, static_cast<std::uint64_t>(s.number)));
        LossAndMetrics const judged = batch.judge(tape, s, &random);
        keep(s, judged, weight);
        if (s.number == 0 && recorded_) std::exchange(recorded_, {})(judged.loss);
        return judged.loss;
    });
}

void Learner::evaluate(AnyBatch const& batch) {
    run(batch, [&](Tape& tape, Shard s, double weight) {
        {
            Pause const pause(tape);
            keep(s, batch.judge(tape, s, nullptr), weight);
        }
        return nothing(tape);
    });
}

void Learner::add_to(RunningMean& mean) const {
    for (Part const& p : parts_)
        if (p.weight > 0) mean.add(p.loss, p.weight), mean.add(p.metrics);
}

void Learner::keep(Shard s, LossAndMetrics const& judged, double weight) {
    Part& part = parts_[static_cast<std::size_t>(s.number)];
    part.loss = judged.loss.item(), part.weight = weight, part.metrics = judged.metrics;
}

LossAndGradients Learner::run(AnyBatch const& batch, Judge const& judge) {
    for (Part& p : parts_) p = {};
    return shards_.run(
        batch.size,
        [&](Tape& tape, Shard s) {
            double const weight = s.size() == batch.size ? batch.weight : batch.weigh(s);
            return weight > 0 ? Weighed(judge(tape, s, weight), weight) : Weighed(nothing(tape), 0);
        },
        where_);
}

Index parts_of_a_batch(Index parts, Index threads) { return parts > 0 ? parts : threads > 1 ? 8 : 1; }

void require_divisible(BatchFeed const& batches, Index parts, char const* who, Where where) {
    if (parts > 1 && !batches.divisible)
        throw ValueError(fmt::format(
            "{}: {}: several threads or parts need batches that have size() and part(begin, end)", text(where), who));
}

RunningMean evaluated(BatchFeed const& batches, Learner& learner) {
    RunningMean out;
    batches.rest([&](AnyBatch const& b) {
        if (b.weight > 0) learner.evaluate(b), learner.add_to(out);
        return true;
    });
    return out;
}

}  // namespace unspool::core
