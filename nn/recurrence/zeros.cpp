// Says what sizes a state of zeros lacks.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/zeros.hpp>

namespace unspool::core::states {

void require_sizes(std::size_t sizes, std::size_t parts, Where where) {
    if (sizes == 1 || sizes == parts) return;
    throw ShapeError(
        fmt::format("{}: zeros wants a size for each of the {} parts of the state, or one for all, but has {}",
                    text(where), parts, sizes));
}

}  // namespace unspool::core::states
