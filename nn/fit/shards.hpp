// Data parallelism: a batch is cut into parts, each is computed on a tape of its own, and threads and processes share them.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/cpu/threads.hpp>
#include <unspool/nn/ranks/ranks.hpp>

namespace unspool::core {

/// A part of a batch: number `number` of them, [begin, end).
struct Shard {
    /// Which part, from 0, and the examples that it has.
    Index number, begin, end;
    Index size() const { return end - begin; }  ///< examples
};

/// The loss of a part of a batch, and how much that counts: `Weighed{loss, weight}`.
struct Weighed {
    Var loss;                      ///< a scalar
    std::optional<double> weight;  ///< none: what Shards::run finds

    /// From a loss, whose weight is found where none is given.
    Weighed(Var l, std::optional<double> w = {}) : loss(l), weight(w) {}
};

/// A loss, and its gradients by the parameters.
struct LossAndGradients {
    double loss;          ///< of the whole batch
    Gradients gradients;  ///< by the parameters

    /// From both.
    LossAndGradients(double l, Gradients g) : loss(l), gradients(std::move(g)) {}
};

class Shards {
public:
    /// So many shards, on threads of their own if there are so many: the caller's, and others.  Whatever the number of threads, results
    /// are the same to the last bit.  ValueError unless both are at least 1.
    explicit Shards(Index count = 8, Dtype = float32, Index threads = num_threads(), Where = Where::here());
    /// The same shared by the processes that train these parameters, which begin as those of rank 0: each has so many threads of its own.
    /// All call run() for the same batches, each computes its own shards, and has the result of all: the same to the last bit, however
    /// many there are. The parameters are those that there are by now: a loss that depends on others is a ValueError.
    /// Ranks and parameters must outlive the shards.  RankError where other parameters are trained elsewhere.
    Shards(Ranks&, Params const&, Index count = 8, Index threads = num_threads(), Where = Where::here());

    ~Shards();

    Index count() const;  ///< parts that a batch is cut into
    /// Part k of a batch of n.  The parts differ in size by one at most.
    Shard part(Index k, Index n) const;

    /// The mean loss of a batch of n, and its gradients.  `loss(tape, shard)` gives the mean over one shard, as a scalar on a
    /// tape that was rewound before; it is called on several threads at once, for all shards but empty ones.  What each
    /// computes, and the order in which gradients are added, neighbours first and then pairs of pairs, depend on n and count() alone.
    ///
    /// A shard counts as much as what its loss is the mean over.  A mean says so itself, be it `mean` or a loss such as
    /// `cross_entropy`, also when numbers are made of it, as in `cross_entropy(…) / log(2)`: then it is what a mask, ignored
    /// targets and weights of classes leave.  Other losses count by the size of the shard, and `Weighed{loss, weight}` by the weight.
    /// What weighs nothing contributes nothing; where all of the batch weighs nothing, sizes count.
    ///
    /// What the first shard that throws throws reaches the caller, and the next run finds the shards as they were; on other ranks it is a
    /// RankError, and they can go on no more.  ValueError unless n is at least 1;
    /// for a weight that is negative or not finite; and for a loss of several means, or none, in one shard if a mean that leaves
    /// something out is among them: no one weight is right then.  TapeError within the loss of these shards, and unless a loss was
    /// recorded on the tape it was given; ShapeError unless it is a scalar.
    template <class F> LossAndGradients run(Index n, F&& loss, Where where = Where::here()) {
        return run_each(
            n, [&loss](Tape& tape, Shard shard) { return weighed(loss(tape, shard)); }, where);
    }

private:
    template <class R> static Weighed weighed(R const& r) {
        static_assert(std::convertible_to<R, Weighed> || std::convertible_to<R, Var>,
                      "Shards::run wants a loss function (Tape&, Shard) that returns a Var, or Weighed with what it is "
                      "the mean over");
        if constexpr (std::convertible_to<R, Weighed>) return r;
        else return Weighed(Var(r));
    }
    LossAndGradients run_each(Index n, std::function<Weighed(Tape&, Shard)> const& loss, Where);

    class Pool;
    std::unique_ptr<Pool> pool_;
};

}  // namespace unspool::core

namespace unspool {

using core::LossAndGradients, core::Shard, core::Shards, core::Weighed;

}  // namespace unspool
