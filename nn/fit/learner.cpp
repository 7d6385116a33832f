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

Learner::Learner(Index threads, Dtype dtype, Where where)
    : shards_(threads, dtype, where), parts_(static_cast<std::size_t>(threads)), where_(where) {}

LossAndGradients Learner::learn(AnyBatch const& batch, std::uint64_t seed) {
    return run(batch, [&](Tape& tape, Shard s, double weight) {
        Random random               = round_of(seed, static_cast<std::uint64_t>(s.number));
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
    parts_[static_cast<std::size_t>(s.number)] = {judged.loss.item(), weight, judged.metrics};
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

void require_divisible(BatchFeed const& batches, Index threads, char const* who, Where where) {
    if (threads > 1 && !batches.divisible)
        throw ValueError(fmt::format("{}: {}: {} threads need batches that have size() and part(begin, end)",
                                     text(where), who, threads));
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
