// What is kept of a step that not all sequences have.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/masks.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

void require_lengths(Index steps, Index batch, std::span<Index const> lengths, Where where) {
    if (static_cast<Index>(lengths.size()) != batch)
        throw ShapeError(
            fmt::format("{}: there are {} lengths for a batch of {} sequences", text(where), lengths.size(), batch));
    auto const bad = std::find_if(lengths.begin(), lengths.end(), [&](Index n) { return n < 0 || n > steps; });
    if (bad != lengths.end())
        throw ValueError(fmt::format("{}: length {}, of sequence {}, is not between 0 and the {} steps that there are",
                                     text(where), *bad, bad - lengths.begin(), steps));
}

void require_mask(Var const& mask, Index steps, Index batch, Where where) {
    Shape const& shape = mask.window(where).shape;
    if (!(shape == Shape{steps, batch}))
        throw ShapeError(fmt::format("{}: the mask of {} steps of {} sequences is {}, not {}", text(where), steps,
                                     batch, text(shape), text(Shape{steps, batch})));
}

}  // namespace

Masks::Masks(Tape& tape, Index steps, Index batch, std::span<Index const> lengths, Var mask, Where where)
    : shortest_(mask.empty() ? std::numeric_limits<Index>::max() : 0), where_(where.inside()) {
    if (!mask.empty()) {
        require_mask(mask, steps, batch, where);
        masks_ = mask.detach(where_);
    }
    if (lengths.empty()) return;
    require_lengths(steps, batch, lengths, where);
    if (mask.empty()) shortest_ = *std::min_element(lengths.begin(), lengths.end());
    Var const there = tape.filled({steps, batch}, where_, [&](auto values) {
        auto out = values.begin();
        for (Index t = 0; t < steps; ++t)
            for (Index const n : lengths) *out++ = t < n ? 1 : 0;
    });
    masks_ = mask.empty() ? there : Var(masks_ * there, where_);
}

/// A mask of so many axes in a form that can be broadcast with x.
Var Masks::beside(Var mask, std::size_t axes, Var x) const {
    Shape shape = x.shape();
    std::fill(shape.begin() + axes, shape.end(), 1);
    return reshape(mask, shape, where_);
}

Var Masks::choose(Index t, Var next, Var last) const {
    return Var(core::where(beside(masks_[At(t, where_)], 1, next), next, last), where_);
}
Var Masks::clear(Index t, Var y) const { return Var(core::where(beside(masks_[At(t, where_)], 1, y), y, 0), where_); }
Var Masks::clear(Var xs) const { return masks_.empty() ? xs : Var(core::where(beside(masks_, 2, xs), xs, 0), where_); }

}  // namespace unspool::core
