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

}  // namespace unspool::core
