// Both ways are sums, reshapes and repetitions.
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

Var fitted(Var x, Shape const& shape) {
    if (x.shape() == shape) return x;
    Shape both = x.shape();
    broadcast(both, shape);
    Index const ahead = static_cast<Index>(x.shape().rank()) - static_cast<Index>(shape.rank());
    Axes along;
    along.all = false;
    for (std::size_t a = 0; a < x.shape().rank(); ++a) {
        Index const b = static_cast<Index>(a) - ahead;
        if (b < 0 || (shape[static_cast<std::size_t>(b)] == 1 && x.shape()[a] != 1))
            along.list.push_back(static_cast<Index>(a));
    }
    Var const summed = along.list.empty() ? x : Var(sum(x, along, Reduced::keep));
    Shape lean       = summed.shape();
    while (lean.rank() > shape.rank()) lean.erase(0);
    Var const out = lean == summed.shape() ? summed : reshape(summed, lean);
    return lean == shape ? out : broadcast_to(out, shape);
}

Var spread(Var g, Reduction const& r, Shape const& loop) {
    AxisSet along;
    for (std::size_t a = 0; a < loop.rank(); ++a)
        if (r.axes.all) along.bits |= 1u << a;
    for (Index a : r.axes.list) along.bits |= 1u << normalized_axis(a, loop.rank());
    return with_axes(g, loop, along);
}

Var with_axes(Var reduced, Shape const& shape, AxisSet along) {
    return reshape(reduced, reduced_shape(shape, along, Reduced::keep));
}

Axes axes_of(AxisSet along) {
    Axes out;
    out.all = false;
    for (Index a = 0; a < static_cast<Index>(Shape::max_rank); ++a)
        if (along.has(static_cast<std::size_t>(a))) out.list.push_back(a);
    return out;
}

}  // namespace unspool::core
