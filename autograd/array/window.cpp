// What a window's numbers say about it.
#include <optional>
#include <unspool/autograd/array/window.hpp>

namespace unspool::core {

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
