// Reads as many elements as are shown, by index.
#include <fmt/format.h>
#include <unspool/autograd/array/elements.hpp>

namespace unspool::core {

namespace {

constexpr Index most_shown = 8;

/// Where the k-th element is, the last axis fastest.
Index offset_of(Index k, Shape const& shape, Strides const& strides) {
    Index out = 0;
    for (std::size_t a = shape.rank(); a-- > 0; k /= shape[a]) out += k % shape[a] * strides[a];
    return out;
}

}  // namespace

std::string place(Shape const& shape, Index element) {
    Shape at = shape;
    for (std::size_t a = shape.size(); a-- > 0; element /= shape[a]) at[a] = element % shape[a];
    return shape.empty() ? "" : text(at);
}

std::string elements_text(Dtype dtype, void const* data, Shape const& shape, Strides const& strides) {
    Index const n = count(shape);
    std::string list;
    dispatch(dtype, [&](auto t) {
        auto const* x = static_cast<decltype(t) const*>(data);
        for (Index k = 0; k < std::min(n, most_shown); ++k)
            list += fmt::format("{}{:.6g}", k > 0 ? ", " : "", x[offset_of(k, shape, strides)]);
    });
    if (shape.empty()) return fmt::format("{} {}", text(dtype), list);
    return fmt::format("{} {} {{{}{}}}", text(dtype), text(shape), list, n > most_shown ? ", …" : "");
}

}  // namespace unspool::core
