// Which parts of a batch are whose, and the tree in which they are added.
#pragma once
#include <algorithm>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// Parts of a batch, divided among ranks: each has neighbours, as many as any other but for one, and some have none where there are more
/// ranks than parts. Rank 0 has part 0.
struct Division {
    Index parts, ranks = 1, rank = 0;

    Index owner(Index part) const { return part * ranks / parts; }
    Index begin() const { return first_of(rank); }
    Index end() const { return first_of(rank + 1); }
    Index size() const { return end() - begin(); }

private:
    Index first_of(Index r) const { return (parts * r + ranks - 1) / ranks; }
};

/// Calls `f(k, other, last)` where the parts from `other` to `last` are to be added to those from k on: neighbours first, then pairs of
/// pairs, whoever has them.
template <class F> void each_pair(Index parts, F&& f) {
    for (Index apart = 1; apart < parts; apart *= 2)
        for (Index k = 0; k + apart < parts; k += 2 * apart) f(k, k + apart, std::min(k + 2 * apart, parts) - 1);
}
/// Only where one rank has all of it, as every rank knows of every other, or only where not.
template <class F> void each_pair_within(Division const& d, F&& f) {
    each_pair(d.parts, [&](Index k, Index other, Index last) {
        if (d.owner(k) == d.owner(last)) f(k, other);
    });
}
template <class F> void each_pair_between(Division const& d, F&& f) {
    each_pair(d.parts, [&](Index k, Index other, Index last) {
        if (d.owner(k) != d.owner(last)) f(k, other);
    });
}

}  // namespace unspool::core
