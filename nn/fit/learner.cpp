// What each part of a batch is asked, and what is kept of the answers.
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/nn/data/shuffle.hpp>
#include <unspool/nn/fit/learner.hpp>
#include <unspool/nn/ranks/packet.hpp>

namespace unspool::core {

namespace {

/// A loss that has a gradient, though no one wants it.
Var nothing(Tape& tape) { return tape.input(0.0); }

}  // namespace

Learner::Learner(Params const& params, Index parts, Index threads, Ranks* ranks, Where where)
    : ranks_(ranks)
    , shards_(ranks ? Shards(*ranks, params, parts, threads, where) : Shards(parts, params.dtype(), threads, where))
    , parts_(static_cast<std::size_t>(parts))
    , where_(where) {}

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
    LossAndGradients out = shards_.run(
        batch.size,
        [&](Tape& tape, Shard s) {
            double const weight = s.size() == batch.size ? batch.weight : batch.weigh(s);
            return weight > 0 ? Weighed(judge(tape, s, weight), weight) : Weighed(nothing(tape), 0);
        },
        where_);
    if (ranks_) tell();
    return out;
}

/// What was kept of each part is known on all ranks.
void Learner::tell() {
    Packet mine;
    for (std::size_t k = 0; k < parts_.size(); ++k)
        if (Part const& p = parts_[k]; p.weight > 0) {
            put(mine, k), put(mine, p.loss), put(mine, p.weight), put(mine, p.metrics.size());
            for (Metric const& m : p.metrics)
                put(mine, m.name), put(mine, m.sum), put(mine, m.weight), put(mine, m.root);
        }
    for (Packet const& m : gather(*ranks_, "the metrics of a batch", mine, where_))
        for (PacketReader reader(m); !reader.rest().empty();) {
            Part& p = parts_.at(reader.take<std::size_t>());
            p.loss = reader.take<double>(), p.weight = reader.take<double>();
            p.metrics.resize(reader.take<std::size_t>());
            for (Metric& to : p.metrics) {
                to.name = reader.text();
                to.sum = reader.take<double>(), to.weight = reader.take<double>(), to.root = reader.take<double>();
            }
        }
}

Index parts_of_a_batch(Index parts, Index threads, Ranks const* ranks) {
    return parts > 0 ? parts : threads > 1 || ranks ? 8 : 1;
}

std::uint64_t seed_of_batch(std::uint64_t seed, Index epoch, Index batch) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    auto const of_epoch          = round_of(seed, static_cast<std::uint64_t>(epoch)).below(most);
    return round_of(of_epoch, static_cast<std::uint64_t>(batch)).below(most);
}

Stop agreed(Ranks* ranks, Stop why, Where where) {
    if (!ranks) return why;
    return static_cast<Stop>(greatest(*ranks, "whether to stop", static_cast<Index>(why), where));
}

void require_divisible(BatchFeed const& batches, Index parts, char const* who, Where where) {
    if (parts > 1 && !batches.divisible)
        throw ValueError(
            fmt::format("{}: {}: several threads, ranks or parts need batches that have size() and part(begin, end)",
                        text(where), who));
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
