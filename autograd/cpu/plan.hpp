// The order in which a loop over several arrays visits them: axes that all of them walk in one stride are merged, so
// that most loops are one long row.
#pragma once
#include <array>
#include <span>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// Iterates over an array of some shape with several streams at once; the last axis is a row.
struct Plan {
    int rank             = 0;  // after merging; 0 for a single element
    int streams          = 0;
    Index const* dims    = nullptr;  // one an axis
    Index const* strides = nullptr;  // [axis][stream]; 0 where a stream repeats

    Index row_length() const { return rank == 0 ? 1 : dims[rank - 1]; }
    Index row_stride(int stream) const { return rank == 0 ? 0 : strides[(rank - 1) * streams + stream]; }
    bool repeats(int stream) const;  ///< does it visit an element more than once, or not at all?
};

inline constexpr int max_streams = 32;

Plan make_plan(Arena&, Shape const&, std::span<Strides const> streams);
/// In `memory` for so many numbers.
constexpr std::size_t plan_size(std::size_t rank, std::size_t streams) { return rank * (streams + 1); }
Plan make_plan(Index* memory, Shape const&, std::span<Strides const> streams);
/// With a longer axis last, if the last one is short; of a plan in that memory, for a shape of so many axes.
Plan longest_last(Plan, Index* memory, std::size_t rank);
inline constexpr auto one_each = [] {
    std::array<Index, max_streams> each{};
    each.fill(1);
    return each;
}();
/// Of one row in which each stream has a stride of 1.  Its length stays where it is, at `n`.
inline Plan one_row_plan(Index const* n, int streams) { return {1, streams, n, one_each.data()}; }

/// Calls `body(offsets)` once a row, or once for the last `axes` axes, with the offset of each stream's first element.
template <class Body> void each_row(Plan const& p, Body&& body, int axes = 1) {
    Index offset[max_streams], at[Dims::max_rank] = {}, rows = 1;
    std::fill_n(offset, p.streams, Index{0});
    for (int a = 0; a + axes < p.rank; ++a) rows *= p.dims[a];
    if (p.row_length() == 0) return;
    for (; rows > 0; --rows) {
        body(static_cast<Index const*>(offset));
        for (int a = p.rank - 1 - axes; a >= 0; --a) {
            Index const* const stride = p.strides + a * p.streams;
            bool const wraps          = ++at[a] == p.dims[a];
            for (int k = 0; k < p.streams; ++k) offset[k] += wraps ? stride[k] * (1 - p.dims[a]) : stride[k];
            if (!wraps) break;
            at[a] = 0;
        }
    }
}

}  // namespace unspool::core
