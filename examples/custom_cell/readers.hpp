// Several readers of one text, side by side: what truncated backpropagation through time is fed with.
#pragma once
#include <span>
#include <unspool/autograd/array/shape.hpp>
#include <vector>
#include <xtensor/xtensor.hpp>

namespace custom_cell {

using unspool::Index;

/// A segment of each stream: time by stream.
struct Segment {
    xt::xtensor<Index, 2> inputs, targets;  // targets[t,b] is what follows inputs[t,b]
};

/// Reader b of n begins at b/n of the text and goes round it for ever.
class Readers {
public:
    /// Readers `begin` to `end` of `n`.
    Readers(std::span<Index const> text, Index begin, Index end, Index n);

    /// The next `steps` characters of each.  Valid until the next call.
    Segment const& next(Index steps);
    Index count() const { return static_cast<Index>(at_.size()); }

private:
    std::span<Index const> text_;
    std::vector<std::size_t> at_;
    Segment segment_;
};

}  // namespace custom_cell
