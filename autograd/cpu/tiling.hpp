// Arrays whose last axes are short or odd: many rows at a time.  A tile is a number of steps along one axis with all of the axes behind it.
#pragma once
#include <algorithm>
#include <unspool/autograd/cpu/plan.hpp>

namespace unspool::core {

/// `steps` of an axis with all of the `inner` elements behind it, at a time; none where rows go by themselves.
struct Tiling {
    static constexpr Index most = 2048;  // elements

    int axis    = 0;
    Index inner = 0, steps = 0;
    Index size() const { return steps * inner; }
};

/// The tiles that suit a plan; none where rows are long enough by themselves, unless parts of them are wanted as tiles.  A register
/// holds `width` elements.
Tiling tiling_of(Plan const&, Index width, bool cut_rows = false);

/// Are there elements of a stream that several tiles visit?
bool shares_elements(Plan const&, Tiling const&, int stream);

/// Calls `body(offsets, first step, elements)` for each.
template <class Body> void each_tile(Plan const& p, Tiling const& t, Body body) {
    Index const steps = p.dims[t.axis];
    auto const along  = [&](Index const* offset) {
        for (Index at = 0; at < steps; at += t.steps) body(offset, at, std::min(t.steps, steps - at) * t.inner);
    };
    each_row(p, along, p.rank - t.axis);
}

}  // namespace unspool::core
