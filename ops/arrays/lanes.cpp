// Which lists are neighbours.
#include <unspool/ops/arrays/lanes.hpp>

namespace unspool::core {

ListPlan::ListPlan(AxisSet along, std::initializer_list<Layout> arrays) {
    Strides across[most_arrays];
    Shape sizes;
    std::size_t k = 0;
    for (auto const& [shape, strides] : arrays) {
        n_[k] = 1, places_[k][0] = 0, sizes = {};
        for (std::size_t a = 0; a < shape.rank(); ++a) {
            if (!along.has(a)) sizes.push_back(shape[a]), across[k].push_back(strides[a]);
            else if (shape[a] > 1) add_axis(k, shape[a], strides[a]);
        }
        ++k;
    }
    plan_ = longest_last(make_plan(memory_, sizes, {across, k}), memory_, sizes.rank());
}

// From the last place on, so that those of what is before are still there.
void ListPlan::add_axis(std::size_t array, Index size, Index stride) {
    auto const n  = static_cast<Index>(n_[array]);
    Index* places = places_[array];
    for (Index j = n * size; j-- > 0;) places[j] = places[j / size] + j % size * stride;
    n_[array] = static_cast<std::size_t>(n * size);
}

bool ListPlan::in_blocks(std::size_t array, Index width) const {
    auto const n = static_cast<Index>(n_[array]);
    return is_range(places(array)) && (n >= width || plan_.row_stride(static_cast<int>(array)) == n);
}

bool ListPlan::suits(Index width, WriteMode fill) const {
    Index lists = 1;
    for (int a = 0; a < plan_.rank; ++a) lists *= plan_.dims[a];
    if (lists < 2 * width) return true;  // too few to gain
    Index const n = plan_.row_length(), whole = (n + width - 1) / width * width;
    if (2 * whole > 3 * n) return false;  // most of the last register of a row would be computed for nothing
    for (int k = 0; k < plan_.streams; ++k) {
        auto const array = static_cast<std::size_t>(k);
        bool const adds  = k == 0 && fill == WriteMode::add;
        if (n_[array] > 1 && plan_.row_stride(k) != 1 && (adds || !in_blocks(array, width))) return false;
    }
    return true;
}

bool is_range(std::span<Index const> places) {
    for (std::size_t j = 0; j < places.size(); ++j)
        if (places[j] != static_cast<Index>(j)) return false;
    return true;
}

Strides strides_with_lists_first(Shape const& shape, AxisSet along) {
    Strides out = shape;
    Index n     = 1;
    for (bool const first : {false, true})
        for (std::size_t i = shape.size(); i-- > 0;)
            if (along.has(i) == first) out[i] = n, n *= shape[i];
    return out;
}

}  // namespace unspool::core
