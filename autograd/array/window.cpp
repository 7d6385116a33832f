// What a window's numbers say about it.
#include <optional>
#include <unspool/autograd/array/window.hpp>

namespace unspool::core {

bool is_contiguous(Shape const& shape, Strides const& strides) {
    Index n = 1;
    for (std::size_t i = shape.size(); i-- > 0; n *= shape[i])
        if (shape[i] != 1 && strides[i] != n) return false;
    return true;
}

Rows rows_of(Shape const& shape, Strides const& strides) {
    Rows out;
    std::optional<Index> expected;  // the stride that would continue the rows: any number, since axes may be flipped
    for (std::size_t i = shape.size() - 1; i-- > 0;) {
        if (shape[i] == 1) continue;
        if (!expected) out.stride = strides[i];
        else out.regular &= strides[i] == *expected;
        expected = strides[i] * shape[i];
        out.n *= shape[i];
    }
    if (!expected) out.stride = shape.back();
    return out;
}

}  // namespace unspool::core
