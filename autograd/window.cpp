// What a window's numbers say about it.
#include <unspool/autograd/window.hpp>

namespace unspool {

bool is_contiguous(Shape const& shape, Strides const& strides) {
    Index n = 1;
    for (std::size_t i = shape.size(); i-- > 0; n *= shape[i])
        if (shape[i] != 1 && strides[i] != n) return false;
    return true;
}

Rows rows_of(Shape const& shape, Strides const& strides) {
    Rows  out;
    Index expected = -1;  // the stride that would continue the rows so far
    for (std::size_t i = shape.size() - 1; i-- > 0;) {
        if (shape[i] == 1) continue;
        if (expected < 0) out.stride = strides[i];
        else out.regular &= strides[i] == expected;
        expected = strides[i] * shape[i];
        out.n *= shape[i];
    }
    if (expected < 0) out.stride = shape.back();
    return out;
}

}  // namespace unspool
