// Data parallelism: a batch is cut into parts, and each is computed on a tape and a thread of its own.
#pragma once
#include <deque>
#include <optional>
#include <unspool/autograd/gradients.hpp>
#include <unspool/autograd/threads.hpp>
#include <unspool/autograd/workers.hpp>
#include <vector>

namespace unspool {

/// A part of a batch: number `number` of them, [begin, end).
struct Shard {
    Index number, begin, end;
    Index size() const { return end - begin; }
};

/// A loss, and its gradients by the parameters.
struct LossAndGradients {
    double    loss;
    Gradients gradients;

    LossAndGradients(double l, Gradients g) : loss(l), gradients(std::move(g)) {}
};

class Shards {
public:
    /// One thread a shard: the caller's, and count - 1 others.  ValueError unless count is at least 1.
    explicit Shards(Index count = num_threads(), Dtype = float32, Where = Where::here());

    Index count() const { return workers_.count(); }
    /// Part k of a batch of n.  The parts differ in size by one at most.
    Shard part(Index k, Index n) const;

    /// The mean loss of a batch of n, and its gradients.  `loss(tape, shard)` gives the mean over one shard, as a scalar on a
    /// tape that was rewound before; it is called on several threads at once, for all shards but empty ones.  What each
    /// computes, and the order in which gradients are added, depend on n and count() alone.  What a shard throws reaches the
    /// caller.  ValueError unless n is at least 1.
    template <class F> LossAndGradients run(Index n, F&& loss, Where where = Where::here()) {
        Index const parts = parts_of(n, where);
        workers_.each(parts, [&](Index k) {
            Tape& tape = tapes_[static_cast<std::size_t>(k)];
            tape.rewind();
            differentiate(k, loss(tape, part(k, n)), n, where);
        });
        return sum(parts);
    }

private:
    Index            parts_of(Index n, Where) const;
    void             differentiate(Index k, Var const& loss, Index n, Where);
    LossAndGradients sum(Index parts);

    std::deque<Tape>                             tapes_;
    std::vector<std::optional<LossAndGradients>> results_;
    Workers                                      workers_;
};

}  // namespace unspool
