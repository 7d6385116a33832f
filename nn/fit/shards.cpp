// Data parallelism.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <exception>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/workers.hpp>
#include <unspool/nn/fit/rank_sum.hpp>
#include <unspool/nn/fit/shards.hpp>
#include <vector>

namespace unspool::core {

namespace {

Index checked(char const* name, Index n, Where where) {
    if (n < 1) throw ValueError(fmt::format("{}: Shards: {} is {}, but must be at least 1", text(where), name, n));
    return n;
}

void require_loss(Var const& loss, Tape const& tape, Index k, Where where) {
    auto const refuse = [&](char const* what) {
        throw TapeError(fmt::format("{}: Shards: the loss of shard {} {}", text(where), k, what));
    };
    if (loss.empty()) refuse("is an empty Var");
    if (&loss.tape() != &tape) refuse("is not on the tape that the shard was given");
    if (Shape const& s = loss.window(where).shape; count(s) != 1)
        throw ShapeError(
            fmt::format("{}: Shards: the loss of shard {} is no scalar: its shape is {}", text(where), k, text(s)));
}

/// A number, or numbers laid side by side.
bool made_of_numbers(Node const& n) {
    Index const values = count(n.value.shape);
    return n.rule && (values == 1 || (n.rule->joins(n) >= 0 && values == std::ssize(n.operands)));
}

/// Calls `f` with each mean that a result is made of by way of numbers alone, from the last to the first.
template <class F> void each_mean(Tape const& tape, Window const& result, std::vector<NodeId>& waiting, F f) {
    auto const add = [&](Window const& w) {
        if (!tape.requires_grad(w)) return;
        waiting.push_back(w.node);
        std::push_heap(waiting.begin(), waiting.end());
    };
    waiting.clear();
    add(result);
    while (!waiting.empty()) {
        NodeId const id  = waiting.front();
        Node const& node = tape[id];
        for (; !waiting.empty() && waiting.front() == id; waiting.pop_back())
            std::pop_heap(waiting.begin(), waiting.end());
        if (!made_of_numbers(node)) continue;
        if (auto const mean = node.rule->averages(node)) f(*mean);
        for (Window const* w : node.operands) add(*w);
    }
}

/// While it lives, the shards are running.
class [[nodiscard]] Running {
public:
    Running(std::atomic<bool>& busy, Where where) : busy_(busy) {
        if (busy.exchange(true))
            throw TapeError(
                text(where) +
                ": Shards: run() was called while these shards are running, by their loss or by another thread");
    }
    ~Running() { busy_ = false; }
    Running(Running const&)            = delete;
    Running& operator=(Running const&) = delete;

private:
    std::atomic<bool>& busy_;
};

/// What one shard counts.
struct Weight {
    bool known      = false;
    double value    = 0;
    Index means     = 0;  // that the loss is made of
    bool leaves_out = false;
};

/// What one shard has computed.
struct Part {
    Var loss;
    Weight weight;
    double share = 0;  // of the batch's loss
    std::optional<LossAndGradients> result;
    std::exception_ptr thrown;
    std::vector<NodeId> waiting;  // kept, so that a run does not allocate
};

/// Part k of `parts` of a batch of n.
Shard shard(Index k, Index parts, Index n) { return {k, n * k / parts, n * (k + 1) / parts}; }

}  // namespace

class Shards::Pool {
public:
    Pool(Index count, Dtype, Index threads, Where);
    Pool(Ranks&, Params const&, Index count, Index threads, Where);
    Index count() const { return std::ssize(parts_); }
    LossAndGradients run(Index n, std::function<Weighed(Tape&, Shard)> const& loss, Where);

private:
    LossAndGradients run(Division const&, Index n, std::function<Weighed(Tape&, Shard)> const& loss, Where);
    void take(Index k, Tape const&, Weighed const&, Where);
    void tell_weights(Division const&, Index n, Where);
    void share(Index parts, Index n, Where);
    void differentiate(Index k, Where);
    template <class F> void each(Division const&, F f);
    LossAndGradients sum(Division const&, Where);

    std::deque<Tape> tapes_;
    std::deque<Part> parts_;
    Workers workers_;
    std::atomic<bool> busy_ = false;
    std::unique_ptr<RankSum> ranks_;  // null where this process is alone
};

Shards::Shards(Index count, Dtype dtype, Index threads, Where where)
    : pool_(std::make_unique<Pool>(count, dtype, threads, where)) {}
Shards::Shards(Ranks& ranks, Params const& params, Index count, Index threads, Where where)
    : pool_(std::make_unique<Pool>(ranks, params, count, threads, where)) {}
Shards::~Shards() = default;

Index Shards::count() const { return pool_->count(); }
Shard Shards::part(Index k, Index n) const { return shard(k, std::min(count(), n), n); }

LossAndGradients Shards::run_each(Index n, std::function<Weighed(Tape&, Shard)> const& loss, Where where) {
    return pool_->run(n, loss, where);
}

Shards::Pool::Pool(Index count, Dtype dtype, Index threads, Where where)
    : parts_(static_cast<std::size_t>(checked("count", count, where)))
    , workers_(std::min(count, checked("threads", threads, where))) {
    for (Index k = 0; k < count; ++k) tapes_.emplace_back(dtype);
}

Shards::Pool::Pool(Ranks& ranks, Params const& params, Index count, Index threads, Where where)
    : Pool(count, params.dtype(), threads, where) {
    ranks_ = std::make_unique<RankSum>(ranks, params, where);
}

/// Calls f(k, tape) for each part of this process, on the same thread whenever that is, though an earlier one throws.
template <class F> void Shards::Pool::each(Division const& d, F f) {
    Index const threads = std::min(workers_.count(), d.size());
    auto const thrown   = [&](Index i) -> std::exception_ptr& {
        return parts_[static_cast<std::size_t>(d.begin() + i)].thrown;
    };
    if (threads == 0) return;
    workers_.each(threads, [&](Index first) {
        for (Index i = first; i < d.size(); i += threads) {
            thrown(i) = nullptr;
            try {
                f(d.begin() + i, tapes_[static_cast<std::size_t>(i)]);
            } catch (...) { thrown(i) = std::current_exception(); }
        }
    });
    for (Index i = 0; i < d.size(); ++i)
        if (auto const first = std::exchange(thrown(i), nullptr)) std::rethrow_exception(first);
}

LossAndGradients Shards::Pool::run(Index n, std::function<Weighed(Tape&, Shard)> const& loss, Where where) {
    Running const running(busy_, where);
    if (n < 1) throw ValueError(fmt::format("{}: Shards: a batch of {} cannot be cut into parts", text(where), n));
    Index const parts = std::min(count(), n);
    if (!ranks_) return run(Division{parts}, n, loss, where);
    return failing_together(&ranks_->ranks(), [&] { return run(ranks_->division(parts), n, loss, where); });
}

LossAndGradients Shards::Pool::run(Division const& d, Index n, std::function<Weighed(Tape&, Shard)> const& loss,
                                   Where where) {
    each(d, [&](Index k, Tape& tape) {
        tape.rewind();
        take(k, tape, loss(tape, shard(k, d.parts, n)), where);
    });
    if (ranks_) tell_weights(d, n, where);
    share(d.parts, n, where);
    each(d, [&](Index k, Tape&) { differentiate(k, where); });
    return sum(d, where);
}

void Shards::Pool::take(Index k, Tape const& tape, Weighed const& returned, Where where) {
    Part& part = parts_[static_cast<std::size_t>(k)];
    require_loss(returned.loss, tape, k, where);
    if (auto const w = returned.weight; w && !(*w >= 0 && std::isfinite(*w)))
        throw ValueError(fmt::format("{}: Shards: the weight of shard {} is {}, but must be finite and not negative",
                                     text(where), k, *w));
    part.loss = returned.loss, part.weight = {returned.weight.has_value(), returned.weight.value_or(0)};
    Weight& weight = part.weight;
    if (weight.known) return;
    each_mean(tape, part.loss.window(), part.waiting, [&](Averaged const& mean) {
        ++weight.means, weight.value = mean.over, weight.leaves_out |= !mean.all();
    });
    weight.known = weight.means == 1;
}

/// The weights of all parts are known on all ranks.
void Shards::Pool::tell_weights(Division const& d, Index n, Where where) {
    Packet mine;
    for (Index k = d.begin(); k < d.end(); ++k) put(mine, parts_[static_cast<std::size_t>(k)].weight);
    auto const all = gather(ranks_->ranks(), fmt::format("a batch of {} in {} parts", n, d.parts), mine, where);
    for (Index r = 0; r < d.ranks; ++r) {
        PacketReader reader(all[static_cast<std::size_t>(r)]);
        Division const of{d.parts, d.ranks, r};
        for (Index k = of.begin(); k < of.end(); ++k)
            parts_[static_cast<std::size_t>(k)].weight = reader.take<Weight>();
    }
}

/// What each shard has of the batch: by weights, if all have one; else by sizes.
void Shards::Pool::share(Index parts, Index n, Where where) {
    auto const first = parts_.begin(), end = first + parts;
    auto const odd = std::find_if(first, end, [](Part const& p) { return !p.weight.known; });
    if (odd != end && std::any_of(first, end, [](Part const& p) { return p.weight.leaves_out; }))
        throw ValueError(fmt::format(
            "{}: Shards: the loss of shard {} is made of {} means, and some leave out a part of what they are given, "
            "so that there is no one weight to put shards together by; return Weighed{{loss, weight}}",
            text(where), odd - first, odd->weight.means));
    double const total =
        odd != end ? 0
                   : std::accumulate(first, end, 0.0, [](double sum, Part const& p) { return sum + p.weight.value; });
    if (std::isinf(total)) throw ValueError(text(where) + ": Shards: the sum of the weights is infinite");
    for (Index k = 0; k < parts; ++k)
        first[k].share = total > 0 ? first[k].weight.value / total
                                   : static_cast<double>(shard(k, parts, n).size()) / static_cast<double>(n);
}

void Shards::Pool::differentiate(Index k, Where where) {
    Part& part = parts_[static_cast<std::size_t>(k)];
    part.result.reset();
    if (part.share == 0) return;
    dispatch(part.loss.dtype(), [&](auto t) {
        auto const seed = static_cast<decltype(t)>(part.share);
        part.result.emplace(part.loss.item() * part.share, sweep(part.loss, &seed, Keep::leaves, where));
    });
}

/// The same tree wherever parts were computed.
LossAndGradients Shards::Pool::sum(Division const& d, Where where) {
    auto const result = [&](Index k) -> std::optional<LossAndGradients>& {
        return parts_[static_cast<std::size_t>(k)].result;
    };
    each_pair_within(d, [&](Index k, Index other) {
        if (d.owner(k) != d.rank) return;
        auto &a = result(k), &b = result(other);
        if (a && b) a->loss += b->loss, a->gradients += b->gradients;
        else if (b) a = std::move(b);
        b.reset();
    });
    if (!ranks_) return *std::exchange(result(0), std::nullopt);
    std::vector<LossAndGradients const*> mine(static_cast<std::size_t>(d.parts));
    for (Index k = d.begin(); k < d.end(); ++k) mine[static_cast<std::size_t>(k)] = result(k) ? &*result(k) : nullptr;
    LossAndGradients const* const* const of = mine.data();
    LossAndGradients total                  = (*ranks_)(d, {of, mine.size()}, where);
    for (Index k = d.begin(); k < d.end(); ++k) result(k).reset();
    return total;
}

}  // namespace unspool::core
