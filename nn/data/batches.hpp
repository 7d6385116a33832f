// Sequences in padded batches.
#pragma once
#include <unspool/nn/data/batch.hpp>
#include <unspool/nn/data/epoch.hpp>
#include <unspool/nn/data/fingerprint.hpp>
#include <unspool/nn/data/order.hpp>

namespace unspool::core {

/// Which sequences form a batch, and how they lie in it.
struct BatchOptions {
    Index size         = 32;    ///< sequences in a batch
    std::uint64_t seed = 0;     ///< of the order
    bool shuffle       = true;  ///< each epoch in another order; else as they were given
    Index bucket =
        0;  ///< so many batches' worth of similar length are shuffled among each other; 0: all (see OrderOptions)
    bool drop_last   = false;  ///< leave out what makes a smaller batch
    bool batch_first = false;  ///< [B,T,…] instead of [T,B,…]
    Index padding    = 0;      ///< fills up symbols of inputs; features are filled up with zeros
    Index ignored    = -100;   ///< fills up symbols of targets, and does not count in cross_entropy
    bool aligned     = true;   ///< targets that are sequences must be as long as their inputs
    bool nan         = false;  ///< features may be NaN or infinite
};

OrderOptions order_of(BatchOptions const&);
void add(Fingerprint&, BatchOptions const&);
std::string text(Fingerprint const&, Index sequences);
/// The same for judging: in the order of the data, and nothing left out.
BatchOptions each_once(BatchOptions);

// The checks of data sets: ValueError, or ShapeError where sizes do not fit, which name the sequence.

void require_targets(Index inputs, Index targets, Where);
void require_steps(char const* what, std::size_t sequence, Index steps, Where);
void require_aligned(std::size_t sequence, Index inputs, Index targets, Where);
template <Real T> void require_fine(char const* what, std::vector<Features<T>> const&, BatchOptions const&, Where);
template <Real T> void require_fine(char const* what, std::vector<Outcomes<T>> const&, BatchOptions const&, Where);
void require_fine(char const* what, std::vector<Symbols> const&, BatchOptions const&, Where);
inline void require_fine(char const*, std::vector<Index> const&, BatchOptions const&, Where) {}

/// Sequences in batches:
///
///     SequenceBatches batches(data, {.size = 32, .bucket = 20});
///     for (auto const& batch : batches.epoch()) …
///
/// Whose turn it is follows from the seed and the number of the epoch (see BatchOrder), on every machine.
template <class X, class Y = NoTarget> class SequenceBatches {
public:
    using Batch = core::Batch<X, Y>;  ///< what epoch() goes through

    /// ValueError where there are no sequences, for one without steps, for a feature that is not finite, or where an option
    /// makes no sense; ShapeError where there are not as many targets as inputs, where a sequence has another number of
    /// features than the first, or a target another length than its input.
    explicit SequenceBatches(Sequences<X, Y> data, BatchOptions options = {}, Where where = Where::here())
        : data_(checked(std::move(data), options, where))
        , options_(options)
        , order_(lengths(data_.inputs), order_of(options), where) {}

    /// The rest of the epoch: all of it, unless the last one was left early, or a position was restored.
    Epoch<SequenceBatches> epoch() { return Epoch<SequenceBatches>(*this); }
    Index batches() const { return order_.batches(); }     ///< in an epoch
    Index size() const { return data_.size(); }            ///< sequences
    Sequences<X, Y> const& data() const { return data_; }  ///< as they were given
    BatchOrder const& order() const { return order_; }     ///< whose turn it is

    /// The next batch; null after the last, once.  Valid until the next call.
    Batch const* next();
    void rewind() { order_.rewind(); }  ///< to the first batch of the first epoch

    void fields(Fields f) { order_.fields(f); }  ///< where in the data a run is
    /// How many sequences there are, and a checksum of them and of all options but the seed: equal where batches are, if the
    /// seed is.
    std::string fingerprint() const;

private:
    static Sequences<X, Y> checked(Sequences<X, Y> data, BatchOptions const& options, Where where);
    template <class Z> static std::vector<Index> lengths(std::vector<Z> const& sequences) {
        std::vector<Index> out;
        for (Z const& z : sequences) out.push_back(length_of(z));
        return out;
    }
    template <class Z> static Padded<Z> side_by_side(std::vector<Z> const& all, std::span<Index const> which,
                                                     Index padding, bool batch_first) {
        std::vector<Z const*> some;
        if (!all.empty())
            for (Index i : which) some.push_back(&all[static_cast<std::size_t>(i)]);
        return padded(std::span<Z const* const>(some), padding, batch_first);
    }

    Sequences<X, Y> data_;
    BatchOptions options_;
    BatchOrder order_;
    Batch batch_;
};

template <class X, class Y>
Sequences<X, Y> SequenceBatches<X, Y>::checked(Sequences<X, Y> data, BatchOptions const& options, Where where) {
    require_fine("input", data.inputs, options, where);
    if constexpr (!std::same_as<Y, NoTarget>) {
        require_targets(data.size(), static_cast<Index>(data.targets.size()), where);
        require_fine("target", data.targets, options, where);
    }
    if constexpr (by_step<Y>)
        for (std::size_t i = 0; options.aligned && i < data.inputs.size(); ++i)
            require_aligned(i, length_of(data.inputs[i]), length_of(data.targets[i]), where);
    return data;
}

template <class X, class Y> auto SequenceBatches<X, Y>::next() -> Batch const* {
    auto const which = order_.current();
    if (which.empty()) return order_.advance(), nullptr;
    Batch out{.inputs = side_by_side(data_.inputs, which, options_.padding, options_.batch_first)};
    out.targets = side_by_side(data_.targets, which, options_.ignored, options_.batch_first);
    for (Index i : which) {
        out.lengths.push_back(length_of(data_.inputs[static_cast<std::size_t>(i)]));
        if constexpr (by_step<Y>) out.target_lengths.push_back(length_of(data_.targets[static_cast<std::size_t>(i)]));
    }
    out.examples.assign(which.begin(), which.end());
    out.number = order_.batch(), out.batch_first = options_.batch_first, out.ignored = options_.ignored;
    batch_ = std::move(out);
    order_.advance();
    return &batch_;
}

template <class X, class Y> std::string SequenceBatches<X, Y>::fingerprint() const {
    Fingerprint all;
    add(all, options_);
    for (X const& x : data_.inputs) all.add(x);
    for (Y const& y : data_.targets) all.add(y);
    return text(all, size());
}

}  // namespace unspool::core

namespace unspool {

using core::BatchOptions, core::SequenceBatches;

}  // namespace unspool
