// Examples to learn from together.
#pragma once
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/padding.hpp>

namespace unspool::core {

/// B sequences of up to T steps.  `X` and `Y` are what one of them is in a data set (see Sequences).
template <class X, class Y = NoTarget> struct Batch {
    Padded<X> inputs;  ///< [T,B,F] features or [T,B] symbols; with batch_first, B is the first axis
    Padded<Y> targets                 = {};     ///< [B] classes, [B,K] values, or in the manner of the inputs
    std::vector<Index> lengths        = {};     ///< of the inputs, in steps
    std::vector<Index> target_lengths = {};     ///< of the targets, where they are sequences
    std::vector<Index> examples       = {};     ///< their numbers in the data set; of a corpus, the streams
    Index number                      = 0;      ///< of this batch in its epoch
    bool batch_first                  = false;  ///< [B,T,…] instead of [T,B,…]
    Index ignored                     = -100;   ///< a target that does not count

    Index size() const { return static_cast<Index>(lengths.size()); }  ///< B
    /// T: as many steps as the longest sequence has, of this batch or of that which it is a part of.
    Index steps() const { return static_cast<Index>(inputs.shape(batch_first ? 1 : 0)); }
    /// 1 at the steps that there are, 0 at the others: [T,B], or [B,T].
    xt::xtensor<float, 2> mask() const { return mask_of(lengths, steps(), batch_first); }
    /// How many predictions the mean of its losses is over: the targets that count where they are symbols, all their steps
    /// where they are features, and the sequences where there is one target for each, or none.
    double weight() const {
        if constexpr (std::same_as<Y, Symbols>)
            return static_cast<double>(targets.size()) -
                   static_cast<double>(std::count(targets.begin(), targets.end(), ignored));
        else if constexpr (by_step<Y>)
            return static_cast<double>(std::accumulate(target_lengths.begin(), target_lengths.end(), Index{0}));
        else return static_cast<double>(size());
    }
    /// Sequences `begin` to `end` of these.
    Batch part(Index begin, Index end) const {
        return {part_of(inputs, begin, end, batch_first),
                part_of(targets, begin, end, batch_first),
                part_of(lengths, begin, end),
                part_of(target_lengths, begin, end),
                part_of(examples, begin, end),
                number,
                batch_first,
                ignored};
    }
};

}  // namespace unspool::core

/// Not in unspool, where users may have a Batch of their own.
namespace unspool::nn {

using core::Batch;

}  // namespace unspool::nn
