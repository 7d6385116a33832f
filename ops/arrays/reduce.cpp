// What reductions compute, and how they pass adjoints on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

template <Numeric N> N Prod::value(std::span<N const> x) const {
    return std::accumulate(x.begin(), x.end(), N(1), std::multiplies<>());
}

// The products of what stands before and of what stands behind, so that nothing is divided by.
template <Numeric N> void Prod::pull(std::span<N> dx, N g, N, std::span<N const> x) const {
    N before = g, behind(1);
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = before, before *= x[j];
    for (std::size_t j = x.size(); j-- > 0;) dx[j] *= behind, behind *= x[j];
}

namespace {

/// A place in a list; of several lists, as a register of numbers, which a short list's places are without rounding.
template <Numeric N> using Place = std::conditional_t<Real<N>, Index, N>;

template <Numeric N> struct First {
    N value;
    Place<N> place;
};
/// The first that no other precedes; a NaN precedes all.
template <Numeric N, class Precedes> First<N> first_of(std::span<N const> x, Precedes precedes) {
    First<N> best{x[0], Place<N>(0)};
    for (std::size_t j = 1; j < x.size(); ++j) {
        auto const before = (precedes(x[j], best.value) || xsimd::isnan(x[j])) && !xsimd::isnan(best.value);
        best              = {select(before, x[j], best.value),
                             select(before, Place<N>(static_cast<Element<Place<N>>>(j)), best.place)};
    }
    return best;
}
/// g, in equal shares, to those that are y.
template <Numeric N> void share(std::span<N> dx, N g, N y, std::span<N const> x) {
    auto const is_y = [&]<Numeric V>(V const& v) {
        V const to(y);
        return v == to || (xsimd::isnan(v) && xsimd::isnan(to));
    };
    N const part = g / static_cast<N>(summed<N>(std::ssize(x), [&](auto kind, Index j) {
                       return select(is_y(load(kind, x.data() + j)), decltype(kind)(1), decltype(kind)(0));
                   }));
    std::transform(x.begin(), x.end(), dx.begin(), [&](N const& v) { return select(is_y(v), part, N(0)); });
}

void require_elements(Var const& x, AxisSet along, std::string_view op, Where where) {
    for (std::size_t i = 0; i < x.shape(where).rank(); ++i)
        if (along.has(i) && x.shape(where)[i] == 0)
            throw ValueError(describe(where, op, fmt::format("axis {} has no elements", i), "",
                                      std::array{Shown{label(x), x.shape(where)}}));
}
template <class Op> Var extreme(Argument const& x, Axes const& axes, Reduced reduced, Where where) {
    return call_on(x, Op::name, where, [&](Var const& v) {
        AxisSet const along = axis_set(v, Op::name, axes, where);
        require_elements(v, along, Op::name, where);
        return Op{{along, reduced}};
    });
}

}  // namespace

template <Numeric N> N Max::value(std::span<N const> x) const { return first_of(x, std::greater<>()).value; }
template <Numeric N> void Max::pull(std::span<N> dx, N g, N y, std::span<N const> x) const { share(dx, g, y, x); }
template <Numeric N> N Min::value(std::span<N const> x) const { return first_of(x, std::less<>()).value; }
template <Numeric N> void Min::pull(std::span<N> dx, N g, N y, std::span<N const> x) const { share(dx, g, y, x); }

namespace {

template <Real T> void write_places(Index* out, Array<T const> const& x, AxisSet along) {
    if (are_short(x.shape, along)) {
        std::vector<T> places(static_cast<std::size_t>(count(reduced_shape(x.shape, along, Reduced::drop))));
        in_lanes(
            along, one_for_each(places.data(), x.shape, along), WriteMode::assign,
            [&](auto ys, auto xs) { ys[0] = first_of(xs, std::greater<>()).place; }, x);
        std::transform(places.begin(), places.end(), out, [](T place) { return static_cast<Index>(place); });
        return;
    }
    std::vector<T> memory;
    each_list(x.shape, along, [&](Index const* at) {
        *out++ = first_of(numbers_of<T>(list_at(x, along, at), memory), std::greater<>()).place;
    });
}

}  // namespace

Indices argmax(Argument x, Index axis, Where where) {
    return with_operands(std::array{x}, ArgMax::name, where, [&](Var v) {
        Tape& tape = v.tape(where);
        require_constant(tape, v.window(where), where);
        AxisSet const along = axis_set(v, ArgMax::name, axis, where);
        require_elements(v, along, ArgMax::name, where);
        Shape const shape = reduced_shape(v.shape(where), along, Reduced::drop);
        auto const n      = static_cast<std::size_t>(count(shape));
        auto* const out   = static_cast<Index*>(tape.arena().allocate(n * sizeof(Index), alignof(Index)));
        dispatch(tape.dtype(),
                 [&](auto t) { write_places(out, array_of<decltype(t) const>(tape, v.window(where)), along); });
        return Indices{{out, n}, shape, &tape.presence(), tape.epoch()};
    });
}

template <Numeric N> N Norm2::value(std::span<N const> x) const {
    N const unit      = largest_magnitude(x);
    auto const square = summed<N>(std::ssize(x), [&](auto kind, Index j) {
        return (load(kind, x.data() + j) / unit) * (load(kind, x.data() + j) / unit);
    });
    return select(unit == N(0) || !xsimd::isfinite(unit), unit, unit * static_cast<N>(xsimd::sqrt(square)));
}
template <Numeric N> void Norm2::pull(std::span<N> dx, N g, N y, std::span<N const> x) const {
    auto const some = y != N(0);
    std::transform(x.begin(), x.end(), dx.begin(), [&](N const& v) { return select(some, g * (v / y), N(0)); });
}

Var prod(Argument x, Axes const& axes, Reduced reduced, Where where) {
    return call_reducing<Prod>(x, axes, reduced, where);
}
Var max(Argument x, Axes const& axes, Reduced reduced, Where where) { return extreme<Max>(x, axes, reduced, where); }
Var min(Argument x, Axes const& axes, Reduced reduced, Where where) { return extreme<Min>(x, axes, reduced, where); }
Var norm2(Argument x, Axes const& axes, Reduced reduced, Where where) {
    return call_reducing<Norm2>(x, axes, reduced, where);
}

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

template <class Op> Var reduce(Argument const& x, Axes const& axes, Reduced reduced = Reduced::drop) {
    if constexpr (requires { Op::kind; }) return record(x.on(x.tape({}), {}), {Op::kind, axes, reduced}, Where::here());
    else return call_reducing<Op>(x, axes, reduced, Where::here());
}

template <class Op> std::vector<Example> reductions() {
    return {{"all", {{3, 7}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], {}); }},
            {"the first axis", {{3, 5, 2}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], 0); }},
            {"the last axis", {{3, 21}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], -1, Reduced::keep); }},
            {"two of three axes",
             {{3, 5, 2}},
             [](Tape&, Inputs x) {
                 return reduce<Op>(x[0], Axes{2, 0});
             }},
            {"a term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return reduce<Op>(x[0] * exp(x[1]) * x[0], 0); }},
            {"of nothing, at each of no places", {{0, 3}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], 1); }}};
}
template <class Op> std::vector<Example> reductions_of_scalars_too() {
    auto out = reductions<Op>();
    out.push_back({"a scalar", {{}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], {}); }});
    return out;
}

}  // namespace

std::vector<Example> Sum::examples() {
    auto out = reductions_of_scalars_too<Sum>();
    out.push_back({"a fused term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return sum(x[0] * exp(x[1]) * x[0], 0); }});
    return out;
}
std::vector<Example> Mean::examples() {
    auto out = reductions_of_scalars_too<Mean>();
    out.push_back({"a fused term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return mean(x[0] * exp(x[1]) * x[0], 0); }});
    return out;
}
std::vector<Example> Prod::examples() { return reductions_of_scalars_too<Prod>(); }
std::vector<Example> Max::examples() { return reductions_of_scalars_too<Max>(); }
std::vector<Example> Min::examples() { return reductions_of_scalars_too<Min>(); }
std::vector<Example> Norm2::examples() { return reductions_of_scalars_too<Norm2>(); }
std::vector<Example> ArgMax::examples() {
    return {{"the largest of each row", {{4, 3}}, [](Tape&, Inputs x) { return gather(x[0], argmax(x[0], -1), -1); }}};
}

// ---- derivatives of derivatives -------------------------------------------------------------------------------------

namespace {

/// All lists along one last axis.
Var as_rows(Var x, AxisSet along) {
    Dims order;
    Shape shape;
    for (std::size_t a = 0; a < x.shape().rank(); ++a)
        if (!along.has(a)) order.push_back(static_cast<Index>(a)), shape.push_back(x.shape()[a]);
    shape.push_back(-1);
    for (std::size_t a = 0; a < x.shape().rank(); ++a)
        if (along.has(a)) order.push_back(static_cast<Index>(a));
    return reshape(transpose(x, order), shape);
}
Var from_rows(Var rows, Shape const& of, AxisSet along) {
    Dims order, back;
    Shape shape;
    for (bool in_list : {false, true})
        for (std::size_t a = 0; a < of.rank(); ++a)
            if (along.has(a) == in_list) order.push_back(static_cast<Index>(a)), shape.push_back(of[a]);
    back = order;
    for (std::size_t a = 0; a < order.size(); ++a) back[static_cast<std::size_t>(order[a])] = static_cast<Index>(a);
    return transpose(reshape(rows, shape), back);
}

/// The product of all before each.
Var product_before(Var x) { return pad(cumprod(slice(x, -1, 0, x.size(-1) - 1), -1), -1, 1, 0, 1); }

/// Of k equal ones each counts 1/k.
Var share_of_extreme(Var g, Var y, Var x, AxisSet along) {
    Var const hit = equal(x, with_axes(y, x.shape(), along));
    return with_axes(g, x.shape(), along) * hit / sum(hit, axes_of(along), Reduced::keep);
}

}  // namespace

Var Prod::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    if (count(x[0].shape()) == 0) return x[0];
    Var const rows   = as_rows(x[0], along);
    Var const others = product_before(rows) * flip(product_before(flip(rows, -1)), -1);
    return with_axes(g, x[0].shape(), along) * from_rows(others, x[0].shape(), along);
}
Var Max::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    return share_of_extreme(g, y, x[0], along);
}
Var Min::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    return share_of_extreme(g, y, x[0], along);
}
Var Norm2::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    Var const length = with_axes(y, x[0].shape(), along);
    return with_axes(g, x[0].shape(), along) * where(length > 0, x[0] / length, 0);
}

}  // namespace unspool::core
