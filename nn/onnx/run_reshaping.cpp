// Evaluators that lay out, take and count: of reals, views and copies; of whole numbers, what graphs compute shapes with.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::nn::onnx {

namespace {

using Values = std::vector<Value>;
using List   = std::vector<Index>;

Shape shape_of(Call const& c, List const& sizes) {
    c.require_size(sizes);
    return Shape(std::span<Index const>(sizes));
}

Values shape(Call const& c) {
    Shape const s = c.value(0).shape(c.where());
    return {Value({s.begin(), s.end()}, {std::ssize(s)})};
}

/// 0 is the size before, -1 what is left.
Values reshape_to(Call const& c) {
    Shape const before = c.value(0).shape(c.where());
    List to            = c.numbers(1);
    bool const as_said = c.attribute("allowzero", Index{0}) != 0;
    Index known = 1, open = 0;
    for (std::size_t k = 0; k < to.size(); ++k) {
        if (to[k] == 0 && !as_said) to[k] = k < before.size() ? before[k] : -2;
        if (to[k] < -1 || (to[k] == -1 && ++open > 1)) c.refuse("the shape has a size that is none");
        if (to[k] >= 0 && __builtin_mul_overflow(known, to[k], &known)) c.refuse("the shape is too large");
    }
    Index const n = count(before);
    if (open == 1 && (known == 0 || n % known != 0)) c.refuse(fmt::format("{} elements do not make the shape", n));
    for (Index& d : to) d = d == -1 ? n / known : d;
    Shape const target = shape_of(c, to);
    if (count(target) != n) c.refuse(fmt::format("{} elements do not make the shape {}", n, core::text(target)));
    if (c.in[0].is_whole()) return {Value(c.numbers(0), target)};
    return {reshape(c.real(0), target, c.where())};
}

Values transpose_axes(Call const& c) {
    Var const x     = c.real(0);
    auto const rank = x.shape().rank();
    List const perm = c.attribute("perm", List());
    if (perm.empty() && !c.node.attribute("perm")) return {transpose(x, c.where())};
    if (perm.size() != rank) c.refuse("perm does not name each axis");
    Shape axes;
    for (Index a : perm) axes.push_back(static_cast<Index>(c.axis(a, rank)));
    Var const y = transpose(x, axes, c.where());
    return {perm == List{1, 0} ? Value::transpose_of(x, y) : Value(y)};
}

/// Axes in increasing order, each once.
List distinct(Call const& c, List axes, std::size_t rank) {
    for (Index& a : axes) a = static_cast<Index>(c.axis(a, rank));
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) c.refuse("an axis is named twice");
    return axes;
}
Values squeeze_axes(Call const& c) {
    Shape const before = c.value(0).shape(c.where());
    auto const given   = c.listed("axes", 1);
    List axes;
    for (std::size_t k = 0; k < before.size() && !given; ++k)
        if (before[k] == 1) axes.push_back(static_cast<Index>(k));
    if (given) axes = distinct(c, *given, before.rank());
    List to;
    for (std::size_t k = 0; k < before.size(); ++k) {
        bool const dropped = std::binary_search(axes.begin(), axes.end(), static_cast<Index>(k));
        if (dropped && before[k] != 1) c.refuse(fmt::format("axis {} has not the size 1", k));
        if (!dropped) to.push_back(before[k]);
    }
    Shape const target = shape_of(c, to);
    if (c.in[0].is_whole()) return {Value(c.numbers(0), target)};
    Var x = c.real(0);
    for (auto a = axes.rbegin(); a != axes.rend(); ++a) x = squeeze(x, *a, c.where());
    return {x};
}
Values unsqueeze_axes(Call const& c) {
    Shape const before = c.value(0).shape(c.where());
    auto const given   = c.listed("axes", 1);
    if (!given) c.refuse("it lacks axes");
    if (given->size() > Shape::max_rank - before.rank()) c.refuse("there are too many axes");
    List const axes = distinct(c, *given, before.rank() + given->size());
    Shape target    = before;
    for (Index a : axes) target.insert(static_cast<std::size_t>(a), 1);
    if (c.in[0].is_whole()) return {Value(c.numbers(0), target)};
    Var x = c.real(0);
    for (Index a : axes) x = unsqueeze(x, a, c.where());
    return {x};
}

Values concat_along(Call const& c) {
    Index const given = c.attribute("axis", Index{0});
    if (c.value(0).is_whole()) {
        List all;
        for (std::size_t k = 0; k < c.in.size(); ++k) {
            if (c.value(k).shape({}).rank() != 1) c.refuse("whole numbers are joined along one axis only");
            all.insert(all.end(), c.numbers(k).begin(), c.numbers(k).end());
            c.require_size(std::array{std::ssize(all)});
        }
        return {Value(all, {std::ssize(all)})};
    }
    std::vector<Var> xs;
    for (std::size_t k = 0; k < c.in.size(); ++k) xs.push_back(c.real(k));
    std::size_t const axis = c.axis(given, xs[0].shape().rank());
    List whole(xs[0].shape().begin(), xs[0].shape().end());
    for (std::size_t k = 1; k < xs.size(); ++k)
        if (axis < xs[k].shape().rank()) whole[axis] += xs[k].shape()[axis];
    c.require_size(whole);
    return {concat(xs, static_cast<Index>(axis), c.where())};
}

Index clamped(Index place, Index low, Index high, Index n) {
    return std::clamp(place < 0 ? place + n : place, low, high);
}
Var sliced(Call const& c, Var x, Index a, Index begin, Index end, Index step) {
    Index const axis = static_cast<Index>(c.axis(a, x.shape().rank())), n = x.size(axis);
    if (step == 0) c.refuse("a step of 0 leads nowhere");
    if (step > 0) {
        Index const from = clamped(begin, 0, n, n), to = std::max(from, clamped(end, 0, n, n));
        return slice(x, axis, from, to, std::min(step, std::max<Index>(n, 1)), c.where());
    }
    if (n == 0) return x;
    Index const from = n - 1 - clamped(begin, 0, n - 1, n), to = std::max(from, n - 1 - clamped(end, -1, n - 1, n));
    return slice(flip(x, axis, c.where()), axis, from, to, step < -n ? n : -step, c.where());
}
Values slice_axes(Call const& c) {
    auto const begin = c.listed("starts", 1), end = c.listed("ends", 2);
    if (!begin || !end || begin->size() != end->size()) c.refuse("starts and ends differ in number, or are missing");
    auto axes = c.listed("axes", 3);
    if (!axes) {
        axes.emplace();
        for (std::size_t k = 0; k < begin->size(); ++k) axes->push_back(static_cast<Index>(k));
    }
    List const steps = c.has(4) ? c.numbers(4) : List(begin->size(), 1);
    if (axes->size() != begin->size() || steps.size() != begin->size())
        c.refuse("axes or steps differ in number from starts");
    bool const whole = c.value(0).is_whole();
    if (whole && (c.in[0].shape({}).rank() != 1 || begin->size() != 1 || steps[0] != 1))
        c.refuse("this part of whole numbers is not known");
    if (whole) {
        auto const& all = c.numbers(0);
        Index const n = std::ssize(all), from = clamped((*begin)[0], 0, n, n),
                    to = std::max(from, clamped((*end)[0], 0, n, n));
        return {Value({all.begin() + from, all.begin() + to}, {to - from})};
    }
    Var x = c.real(0);
    for (std::size_t k = 0; k < begin->size(); ++k) x = sliced(c, x, (*axes)[k], (*begin)[k], (*end)[k], steps[k]);
    return {x};
}

Index at(Call const& c, Index i, Index n) {
    if (i < -n || i >= n)
        throw IndexError(
            fmt::format("{}: {}: {} is outside an axis of size {}", core::text(c.where()), c.node.op, i, n));
    return i < 0 ? i + n : i;
}
Values gather_rows(Call const& c) {
    Shape const of = c.value(0).shape(c.where()), shape = c.value(1).shape(c.where());
    std::size_t const axis = c.axis(c.attribute("axis", Index{0}), of.rank());
    List rows              = c.numbers(1), to(of.begin(), of.end());
    for (Index& i : rows) i = at(c, i, of[axis]);
    to.erase(to.begin() + static_cast<Index>(axis));
    to.insert(to.begin() + static_cast<Index>(axis), shape.begin(), shape.end());
    Shape const result = shape_of(c, to);
    if (c.in[0].is_whole()) {
        if (of.rank() != 1) c.refuse("whole numbers are taken from one axis only");
        for (Index& i : rows) i = c.numbers(0)[static_cast<std::size_t>(i)];
        return {Value(rows, result)};
    }
    Var const x = c.real(0);
    if (shape.empty()) return {index(x, static_cast<Index>(axis), rows[0], c.where())};
    if (axis == 0 && of.rank() == 2) {
        Indices ids = indices(c.run.tape, rows);
        ids.shape   = shape;
        return {embedding(c.run.tape, x, ids, c.where())};
    }
    std::vector<Var> all;
    for (Index i : rows) all.push_back(slice(x, static_cast<Index>(axis), i, i + 1, c.where()));
    if (all.empty()) all.push_back(slice(x, static_cast<Index>(axis), 0, 0, c.where()));
    return {reshape(concat(all, static_cast<Index>(axis), c.where()), result, c.where())};
}

Values expand(Call const& c) {
    return {broadcast_to(c.real(0), c.broadcast_of({c.real(0).shape(), shape_of(c, c.numbers(1))}), c.where())};
}

Values pad_axes(Call const& c) {
    Var x            = c.real(0);
    auto const pads  = c.listed("pads", 1);
    std::size_t rank = x.shape().rank();
    if (!pads || pads->size() != 2 * rank || c.attribute("mode", std::string("constant")) != "constant")
        c.refuse("this padding is not known");
    double value = double{c.attribute("value", 0.f)};
    if (c.has(2)) value = c.real(2).shape().empty() ? c.real(2).value<double>()() : 0;
    for (std::size_t k = 0; k < rank; ++k) {
        Index const before = (*pads)[k], after = (*pads)[k + rank];
        if (before < 0 || after < 0 || before > c.run.most || after > c.run.most) c.refuse("this padding is not known");
        List to(x.shape().begin(), x.shape().end());
        to[k] += before + after;
        c.require_size(to);
        if (before + after > 0) x = pad(x, static_cast<Index>(k), before, after, value, c.where());
    }
    return {x};
}

Values constant(Call const& c) {
    if (auto const* t = c.node.find<Tensor>("value")) return {value_of(c.run, *t)};
    if (auto const* i = c.node.find<Index>("value_int")) return {Value({*i}, {})};
    if (auto const* n = c.node.find<std::vector<Index>>("value_ints")) return {Value(*n, {std::ssize(*n)})};
    auto const fill = [&](Shape const& shape, std::span<float const> x) -> Values {
        return {c.run.tape.filled(shape, c.where(), [&](auto to) { std::copy(x.begin(), x.end(), to.begin()); })};
    };
    if (auto const* f = c.node.find<float>("value_float")) return fill({}, {f, 1});
    if (auto const* f = c.node.find<std::vector<float>>("value_floats")) return fill({std::ssize(*f)}, *f);
    c.refuse("it has no value that is known");
}
Values constant_of_shape(Call const& c) {
    Shape const shape = shape_of(c, c.numbers(0));
    Tensor const* t   = c.node.find<Tensor>("value");
    if (t && t->count() != 1) c.refuse("its value is not one number");
    if (t && t->type != Element::float32 && t->type != Element::float64)
        return {Value(List(static_cast<std::size_t>(count(shape)), t->integers()[0]), shape)};
    double const x = t ? t->reals()[0] : 0;
    return {c.run.tape.filled(shape, c.where(), [&](auto to) { std::fill(to.begin(), to.end(), x); })};
}
Values cast(Call const& c) {
    Index const to  = c.attribute("to", Index{1});
    bool const real = to == static_cast<Index>(Element::float32) || to == static_cast<Index>(Element::float64);
    if (c.value(0).is_real() && to == static_cast<Index>(Element::boolean)) return {c.in[0]};
    if (c.in[0].is_real() != real && !real) c.refuse("reals do not become whole numbers");
    if (c.in[0].is_real() || !real) return {c.in[0]};
    auto const& n = c.numbers(0);
    return {c.run.tape.filled(c.in[0].shape({}), c.where(), [&](auto y) { std::copy(n.begin(), n.end(), y.begin()); })};
}

}  // namespace

Evaluators const& reshaping() {
    static Evaluators const all{{"Shape", shape},
                                {"Reshape", reshape_to},
                                {"Transpose", transpose_axes},
                                {"Squeeze", squeeze_axes},
                                {"Unsqueeze", unsqueeze_axes},
                                {"Concat", concat_along},
                                {"Slice", slice_axes},
                                {"Gather", gather_rows},
                                {"Expand", expand},
                                {"Pad", pad_axes},
                                {"Constant", constant},
                                {"ConstantOfShape", constant_of_shape},
                                {"Cast", cast},
                                {"Identity", [](Call const& c) -> Values { return {c.value(0)}; }},
                                {"Dropout", [](Call const& c) -> Values { return {c.value(0)}; }}};
    return all;
}

}  // namespace unspool::nn::onnx
