// Several readers of one text, side by side.
#include "readers.hpp"

namespace custom_cell {

Readers::Readers(std::span<Index const> text, Index begin, Index end, Index n) : text_(text) {
    for (Index b = begin; b < end; ++b)
        at_.push_back(text.size() * static_cast<std::size_t>(b) / static_cast<std::size_t>(n));
}

Segment const& Readers::next(Index steps) {
    std::array<std::size_t, 2> const shape{static_cast<std::size_t>(steps), at_.size()};
    segment_.inputs.resize(shape), segment_.targets.resize(shape);
    for (std::size_t b = 0; b < at_.size(); ++b)
        for (std::size_t t = 0; t < shape[0]; ++t) {
            segment_.inputs(t, b)  = text_[at_[b]];
            at_[b]                 = (at_[b] + 1) % text_.size();
            segment_.targets(t, b) = text_[at_[b]];
        }
    return segment_;
}

}  // namespace custom_cell
