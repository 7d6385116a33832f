// What each part of a batch is asked, and what is kept of the answers.
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

}  // namespace unspool::core
