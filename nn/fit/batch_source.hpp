// Batches of any type, as the training loop meets them.
#pragma once
#include <concepts>
#include <functional>
#include <iterator>
#include <memory>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/data/sequence.hpp>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/fit/metric.hpp>
#include <unspool/nn/fit/shards.hpp>
#include <vector>

namespace unspool::core {

/// Is something computed to learn from it, or to judge by?  Dropout is for the former only.
enum class Mode : std::uint8_t { train, evaluate };

/// What a loss function may return instead of a Var.
struct LossAndMetrics {
    Var loss;                          ///< a scalar: the mean over what the batch weighs
    std::vector<Metric> metrics = {};  ///< of the same batch

    /// From a loss, and metrics where there are any.
    LossAndMetrics(Var l, std::vector<Metric> m = {}) : loss(l), metrics(std::move(m)) {}
};

/// What the loss function returned, which may be a term, as it is or with metrics.
template <class R> LossAndMetrics judged(R const& r) {
    static_assert(std::convertible_to<R, LossAndMetrics> || std::convertible_to<R, Var>,
                  "fit() wants a loss function (Tape&, Batch const&, Mode), or with a Random* instead, that returns a "
                  "Var, or LossAndMetrics with metrics");
    if constexpr (std::convertible_to<R, LossAndMetrics>) return r;
    else if constexpr (std::convertible_to<R, Var>) return LossAndMetrics(Var(r));
}

/// How much one batch counts against another, and a part of a batch against the rest.
enum class MeanOver : std::uint8_t {
    weight,  ///< `batch.weight()`, where there is one: the predictions that count
    size     ///< `batch.size()`: sequences, each as much as any other
};

/// A batch that can be shared among threads.
template <class B> concept Divisible = requires(B const& b, Index i) {
    { b.size() } -> std::convertible_to<Index>;
    { b.part(i, i) } -> std::convertible_to<B>;
};

template <class B> double weight_of(B const& b, MeanOver over) {
    if constexpr (requires {
                      { b.weight() } -> std::convertible_to<double>;
                  })
        if (over == MeanOver::weight) return b.weight();
    if constexpr (requires {
                      { b.size() } -> std::convertible_to<Index>;
                  })
        return static_cast<double>(b.size());
    else return 1;
}

/// A batch of any type, and what is asked of it.
struct AnyBatch {
    Index size;     // how many parts it could be cut into
    double weight;  // of the whole
    std::function<double(Shard)> weigh;
    std::function<LossAndMetrics(Tape&, Shard, Random*)>
        judge;  // with random numbers in training, without in evaluation
};

/// Batches, epoch after epoch.
struct BatchFeed {
    /// Shows the rest of the epoch, batch by batch, until all are seen (true) or `visit` says false.
    std::function<bool(std::function<bool(AnyBatch const&)> const& visit)> rest;
    std::function<void(Fields)> fields;
    std::function<std::string()> fingerprint;  // of the data, where the source can tell
    Index batches;                             // in an epoch; 0 where that is not known
    bool divisible;
};

/// The batches of a range, which has no position of its own.
template <class R> struct RangeEpochs {
    R* range;
    Index next = 0;

    template <class F> bool rest(F visit) {
        Index at = 0;
        for (auto const& batch : *range)
            if (at++ == next) {
                ++next;
                if (!visit(batch)) return false;
            }
        next = 0;
        return true;
    }
    void fields(Fields f) { f.add("batch", next, 0, std::ranges::distance(*range)); }
};

template <class S> concept EpochSource = requires(S& s) {
    s.epoch().begin();
    s.epoch().end();
};

template <EpochSource S> bool rest_of_epoch(S& source, auto visit) {
    for (auto const& batch : source.epoch())
        if (!visit(batch)) return false;
    return true;
}

/// The loss function takes what it is for as a Mode, or as what to draw from.
template <class B, class Loss> LossAndMetrics judged(Loss& loss, Tape& tape, B const& b, Random* random) {
    if constexpr (std::invocable<Loss&, Tape&, B const&, Random*>) return judged(loss(tape, b, random));
    else return judged(loss(tape, b, random ? Mode::train : Mode::evaluate));
}

template <class B, class Loss> AnyBatch any_batch(B const& batch, Loss& loss, MeanOver over) {
    auto const part = [&batch](Shard s, auto f) {
        if constexpr (Divisible<B>)
            if (s.size() != static_cast<Index>(batch.size()))
                return f(static_cast<B const&>(batch.part(s.begin, s.end)));
        return f(batch);
    };
    AnyBatch out{1, weight_of(batch, over),
                 [part, over](Shard s) { return part(s, [&](B const& b) { return weight_of(b, over); }); },
                 [part, &loss](Tape& tape, Shard s, Random* random) {
                     return part(s, [&](B const& b) { return judged(loss, tape, b, random); });
                 }};
    if constexpr (Divisible<B>) out.size = static_cast<Index>(batch.size());
    return out;
}

template <class> inline constexpr bool is_data_set                             = false;
template <class X, class Y> inline constexpr bool is_data_set<Sequences<X, Y>> = true;

struct FitOptions;

/// What gives batches: not a data set, which has none, and not the options behind it.
template <class S> concept BatchSource = !is_data_set<std::remove_cvref_t<S>> &&
                                         !std::same_as<std::remove_cvref_t<S>, FitOptions> &&
                                         !std::same_as<std::remove_cvref_t<S>, BatchFeed>;

/// Refers to the source and the loss function.
template <class S, class Loss> BatchFeed feed(S& source, Loss& loss, MeanOver over) {
    auto const each = [&loss, over](auto const& visit) {
        return [&loss, over, &visit](auto const& batch) { return visit(any_batch(batch, loss, over)); };
    };
    BatchFeed out;
    if constexpr (EpochSource<S>) {
        using B    = std::remove_cvref_t<decltype(*source.epoch().begin())>;
        out.rest   = [&source, each](auto const& visit) { return rest_of_epoch(source, each(visit)); };
        out.fields = [&source](Fields f) {
            if constexpr (requires { source.fields(f); }) source.fields(f);
        };
        if constexpr (requires {
                          { source.fingerprint() } -> std::convertible_to<std::string>;
                      })
            out.fingerprint = [&source]() -> std::string { return source.fingerprint(); };
        out.batches = 0;
        if constexpr (requires { source.batches(); }) out.batches = source.batches();
        out.divisible = Divisible<B>;
    } else {
        static_assert(
            requires(S & s) {
                { std::ranges::begin(s) } -> std::forward_iterator;
            },
            "fit() wants batches as a forward range, or as an object with epoch()");
        auto const epochs = std::make_shared<RangeEpochs<S>>(RangeEpochs<S>{&source});
        out.rest          = [epochs, each](auto const& visit) { return epochs->rest(each(visit)); };
        out.fields        = [epochs](Fields f) { epochs->fields(f); };
        out.batches       = std::ranges::distance(source);
        out.divisible     = Divisible<std::remove_cvref_t<decltype(*std::ranges::begin(source))>>;
    }
    return out;
}

}  // namespace unspool::core

namespace unspool {

using core::LossAndMetrics, core::MeanOver, core::Mode;

}  // namespace unspool
