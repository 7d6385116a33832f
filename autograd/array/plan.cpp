// How axes are merged.
#include <unspool/autograd/array/plan.hpp>

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

Plan make_plan(Arena& arena, Shape const& shape, std::span<Strides const> streams) {
    Plan p{0, static_cast<int>(streams.size())};
    std::size_t const n = shape.size();
    auto* dims          = static_cast<Index*>(arena.allocate(n * sizeof(Index), alignof(Index)));
    auto* strides       = static_cast<Index*>(arena.allocate(n * streams.size() * sizeof(Index), alignof(Index)));
    for (std::size_t a = 0; a < n; ++a) {
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
    p.dims = dims, p.strides = strides;
    return p;
}

Plan one_row_plan(Arena& arena, Index n, int streams) {
    auto* numbers =
        static_cast<Index*>(arena.allocate(static_cast<std::size_t>(streams + 1) * sizeof(Index), alignof(Index)));
    numbers[0] = n;
    std::fill_n(numbers + 1, streams, Index{1});
    return {1, streams, numbers, numbers + 1};
}

}  // namespace unspool::core
