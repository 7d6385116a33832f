// Which axes lists lie along.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

std::size_t require_axis(Var const& x, std::string_view op, Index axis, std::size_t rank, Where where) {
    Index const a = normalized_axis(axis, rank);
    if (a < 0)
        throw IndexError(describe(where, op, fmt::format("there is no axis {}", axis), "",
                                  std::array{Shown{label(x), x.shape(where)}}));
    return static_cast<std::size_t>(a);
}

AxisSet axis_set(Var const& x, std::string_view op, Axes const& axes, Where where) {
    Shape const& shape = x.shape(where);
    AxisSet out;
    if (axes.all) out.bits = (1u << shape.rank()) - 1;
    for (Index axis : axes.list) {
        std::size_t const a = require_axis(x, op, axis, shape.rank(), where);
        if (out.has(a))
            throw IndexError(
                describe(where, op, fmt::format("axis {} is named twice", a), "", std::array{Shown{label(x), shape}}));
        out.bits |= 1u << a;
    }
    return out;
}

Shape reduced_shape(Shape const& shape, AxisSet along, Reduced reduced) {
    Shape out;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (!along.has(i)) out.push_back(shape[i]);
        else if (reduced == Reduced::keep) out.push_back(1);
    return out;
}

Index length_of_rows(Shape const& shape, Strides const& strides, AxisSet along) {
    if (!is_contiguous(shape, strides)) return 0;
    Index n    = 1;
    bool outer = false;  // an axis before which no other may be along the lists
    for (std::size_t i = shape.rank(); i-- > 0;) {
        if (shape[i] == 1) continue;
        if (along.has(i) && outer) return 0;
        outer |= !along.has(i);
        n *= along.has(i) ? shape[i] : 1;
    }
    return n;
}

bool are_short(Shape const& shape, AxisSet along) {
    Index n = 1;
    for (std::size_t i = 0; i < shape.rank(); ++i)
        if (along.has(i) && (n *= shape[i]) > static_cast<Index>(short_list)) return false;
    return n > 0;
}

std::string text(AxisSet axes) {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < Dims::max_rank; ++i)
        if (axes.has(i)) list.push_back(i);
    return fmt::format("{} {}", list.size() == 1 ? "axis" : "axes", fmt::join(list, ", "));
}

}  // namespace unspool::core
