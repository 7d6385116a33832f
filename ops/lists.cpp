// Which axes lists lie along.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/label.hpp>
#include <unspool/ops/lists.hpp>

namespace unspool {

AxisSet axis_set(Var const& x, std::string_view op, Axes const& axes, Where where) {
    Shape const& shape = x.shape();
    AxisSet      out;
    if (axes.all) out.bits = (1u << shape.rank()) - 1;
    for (Index axis : axes.list) {
        Index const a = normalized_axis(axis, shape.rank());
        if (a < 0) throw IndexError(describe(where, op, fmt::format("there is no axis {}", axis), "", std::array{Shown{label(x), shape}}));
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

std::string text(AxisSet axes) {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < Dims::max_rank; ++i)
        if (axes.has(i)) list.push_back(i);
    return fmt::format("{} {}", list.size() == 1 ? "axis" : "axes", fmt::join(list, ", "));
}

}  // namespace unspool
