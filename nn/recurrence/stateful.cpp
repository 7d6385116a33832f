// How values leave a tape, and come back to one.
#include <algorithm>
#include <unspool/nn/recurrence/stateful.hpp>

namespace unspool::core {

void StatefulArray::reserve(Var const& x) {
    shape_.reserve(x.shape().rank()), values_.reserve(static_cast<std::size_t>(count(x.shape())));
}

void StatefulArray::save(Var const& x) {
    shape_.assign(x.shape().begin(), x.shape().end());
    dispatch(x.dtype(), [&](auto t) {
        auto const v = x.value<decltype(t)>();
        values_.assign(v.template begin<xt::layout_type::row_major>(), v.template end<xt::layout_type::row_major>());
    });
}

Var StatefulArray::on(Tape& tape) const {
    Shape const shape = Shape::of(shape_);
    if (count(shape) != std::ssize(values_))
        throw ShapeError("a state that was carried has the shape " + text(shape) + ", but another size");
    return tape.filled(shape, Where::here(), [&](auto to) {
        std::transform(values_.begin(), values_.end(), to.begin(),
                       [](double x) { return static_cast<decltype(to[0] + 0)>(x); });
    });
}

void StatefulArray::fields(Fields f) { f.add("values", values_), f.add("shape", shape_); }

}  // namespace unspool::core
