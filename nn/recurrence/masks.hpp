// Sequences of unequal length in one padded batch: which steps count.
#pragma once
#include <span>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

class Masks {
public:
    /// For a batch of `batch` sequences, padded to `steps`; no lengths and no mask: all steps count.  ShapeError unless there is a
    /// length for each sequence, ValueError unless each is in [0, steps]; ShapeError unless a mask is [steps,batch].
    Masks(Tape&, Index steps, Index batch, std::span<Index const> lengths, Var mask, Where);

    bool cuts(Index t) const { return t >= shortest_; }  ///< has a sequence ended before step t?

    Var choose(Index t, Var next, Var last) const;  ///< `next` in the sequences that have step t, `last` in the others
    Var clear(Index t, Var y) const;                ///< 0 in the others
    Var clear(Var xs) const;            ///< xs [steps,batch,...] with 0 wherever a sequence does not have the step
    Var all() const { return masks_; }  ///< [steps,batch]; empty if all steps count

private:
    Var beside(Var mask, std::size_t axes, Var x) const;

    Index shortest_;
    Var masks_;  // [steps,batch]: 1 where a sequence has the step
    Where where_;
};

}  // namespace unspool::core
