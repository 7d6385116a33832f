// How axes are merged.
#include <unspool/autograd/cpu/plan.hpp>

namespace unspool::core {

bool Plan::repeats(int stream) const {
    for (int a = 0; a < rank; ++a)
        if (strides[a * streams + stream] == 0) return true;
    return false;
}

namespace {

bool mergeable(Plan const& p, Index const* outer, Index const* inner, Index inner_size) {
    for (int k = 0; k < p.streams; ++k)
        if (outer[k] != inner[k] * inner_size) return false;
    return true;
}

}  // namespace

Plan make_plan(Index* memory, Shape const& shape, std::span<Strides const> streams) {
    Index *const dims = memory, *const strides = memory + shape.rank();
    Plan p{0, static_cast<int>(streams.size()), dims, strides};
    for (std::size_t a = 0; a < shape.rank(); ++a) {
        if (shape[a] == 1) continue;
        Index* const here = strides + p.rank * p.streams;
        for (int k = 0; k < p.streams; ++k) here[k] = streams[static_cast<std::size_t>(k)][a];
        if (p.rank > 0 && mergeable(p, here - p.streams, here, shape[a])) {
            std::copy(here, here + p.streams, here - p.streams);
            dims[p.rank - 1] *= shape[a];
        } else {
            dims[p.rank++] = shape[a];
        }
    }
    return p;
}

Plan make_plan(Arena& arena, Shape const& shape, std::span<Strides const> streams) {
    std::size_t const n = plan_size(shape.rank(), streams.size());
    return make_plan(static_cast<Index*>(arena.allocate(n * sizeof(Index), alignof(Index))), shape, streams);
}

Plan longest_last(Plan p, Index* memory, std::size_t rank) {
    constexpr Index short_row = 16;
    if (p.rank < 2 || p.row_length() >= short_row) return p;
    auto const longest   = std::max_element(memory, memory + p.rank) - memory;
    Index* const strides = memory + rank;
    std::swap(memory[longest], memory[p.rank - 1]);
    std::swap_ranges(strides + longest * p.streams, strides + (longest + 1) * p.streams,
                     strides + (p.rank - 1) * p.streams);
    return p;
}

}  // namespace unspool::core
