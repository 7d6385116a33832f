// Which examples form which batch, epoch after epoch.
#pragma once
#include <span>
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/data/shuffle.hpp>
#include <unspool/nn/files/fields.hpp>

namespace unspool::core {

struct OrderOptions {
    Index size         = 32;  ///< examples in a batch
    std::uint64_t seed = 0;
    /// Otherwise each epoch has the examples in the order in which they were given, or, in buckets, by length.
    bool shuffle = true;
    /// So many batches' worth of examples of similar length are shuffled among each other, and not with longer or shorter
    /// ones: there is less padding, and less chance.  1 puts the most similar together, 0 does not look at lengths.
    Index bucket = 0;
    /// Leaves out, in each epoch others, the examples that would make a smaller batch.
    bool drop_last = false;
};

/// The batches of an epoch follow from the seed and the number of the epoch, so that two numbers say where in the data a
/// run is.  In buckets, the order of the batches is random too.
class BatchOrder {
public:
    /// Of so many examples as there are lengths.  ValueError if there are none, if the size is less than 1, or if there is not
    /// one whole batch and smaller ones are dropped.
    BatchOrder(std::vector<Index> lengths, OrderOptions const&, Where = Where::here());

    Index batches() const { return batches_; }  ///< in an epoch
    Index epoch() const { return epoch_; }
    Index batch() const { return next_; }  ///< the number of the next one
    Index examples() const { return static_cast<Index>(lengths_.size()); }

    /// The examples of the next batch.  After the last of an epoch there is none, once: an empty list; and the next epoch
    /// begins.  Valid until the next call.
    std::span<Index const> next();
    std::span<Index const> current();      ///< what next() will give
    void advance();                        ///< beyond it
    void rewind() { epoch_ = next_ = 0; }  ///< to the first batch of the first epoch

    /// The position, and what it depends on: it cannot be restored where there are more or fewer examples, or batches of
    /// another size.
    void fields(Fields);

private:
    std::vector<Index> order() const;
    void bucketed(std::vector<Index>& order, Random&) const;
    void shuffle_batches(std::vector<Index>& order, Random&) const;

    std::vector<Index> lengths_;
    OrderOptions options_;
    Index batches_, examples_;
    Index epoch_ = 0, next_ = 0;
    std::vector<Index> order_;  // of the epoch that was last asked for
    std::uint64_t ordered_seed_ = 0;
    Index ordered_epoch_        = -1;
};

}  // namespace unspool::core
