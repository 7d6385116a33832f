// Shapes of what is joined, and what cannot be.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

Var contiguous(Var x, Where where) { return is_contiguous(x.window(where)) ? x : call(Copy{}, where, x); }

Var with_regular_rows(Var x, Where where) {
    Window const& w = x.window(where);
    return w.shape.empty() || rows_of(w.shape, w.strides).regular ? x : contiguous(x, where);
}

Shape Stack::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    out.insert(axis, static_cast<Index>(xs.size()));
    return out;
}

Shape Concat::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    for (Window const* x : xs.subspan(1))
        if (__builtin_add_overflow(out[axis], x->shape[axis], &out[axis])) no_such_shape(out);
    return out;
}

namespace {

void require_alike_but_for(std::span<Var const> xs, std::size_t a, Index axis, Where where) {
    for (std::size_t k = 0; k < xs.size(); ++k) {
        Shape s = xs[k].shape(where);
        if (s.rank() == xs[0].shape().rank()) s[a] = xs[0].shape()[a];
        if (!(s == xs[0].shape()))
            throw ShapeError(describe(where, "concat", fmt::format("the shapes differ along more than axis {}", axis),
                                      "", shown_of(xs, k)));
    }
}

std::span<Argument const> arguments_of(std::span<Var const> xs) {
    thread_local std::vector<Argument> memory;  // kept, so that a loop does not allocate
    memory.assign(xs.begin(), xs.end());
    return memory;
}

/// What can be seen without their shapes: there are some, and each can be used.  Of many, it says which cannot.
void require_usable(std::span<Var const> xs, std::string_view op, Where where) {
    if (xs.empty()) throw ValueError(fmt::format("{}: {} needs at least one operand", text(where), op));
    std::size_t k = 0;
    try {
        for (; k < xs.size(); ++k) static_cast<void>(xs[k].window(where));
    } catch (TapeError const& e) {
        throw TapeError(fmt::format("{}: operand {} of {} of {}", e.what(), k, xs.size(), op));
    }
}

}  // namespace

namespace {

/// The array whose elements these are, one after the other, if it is not on the tape; else null.
Window const* taken_apart(std::span<Var const> xs, Where where) {
    Window const* const whole = xs[0].window(where).parent;
    if (!whole || whole->node != no_node || whole->shape.empty() || whole->shape[0] != std::ssize(xs)) return nullptr;
    for (std::size_t k = 0; k < xs.size(); ++k) {
        Window const& w = xs[k].window(where);
        if (w.parent != whole ||
            !(w.viewing == Viewing{Viewing::index, 0, static_cast<Index>(k), static_cast<Index>(k) + 1}))
            return nullptr;
    }
    return whole;
}

}  // namespace

Var stack(std::span<Var const> xs, Index axis, Where where) {
    require_usable(xs, Stack::name, where);
    if (Window const* const whole = axis == 0 ? taken_apart(xs, where) : nullptr) {
        Tape& tape  = xs[0].tape();
        Window& out = tape.begin_view(*whole, where);
        out.parent = whole->parent, out.viewing = whole->viewing;
        return {tape, out};
    }
    Shape joined        = xs[0].shape(where);
    std::size_t const a = require_axis(xs[0], "stack", axis, joined.rank() + 1, where);
    joined.insert(a, std::ssize(xs), where);
    return call(Stack{a}, where, arguments_of(xs));
}

Var concat(std::span<Var const> xs, Index axis, Where where) {
    require_usable(xs, Concat::name, where);
    std::size_t const a = require_axis(xs[0], "concat", axis, xs[0].shape(where).rank(), where);
    require_alike_but_for(xs, a, axis, where);
    return call(Concat{a}, where, arguments_of(xs));
}

namespace {

/// ShapeError if a size overflows.
void require_size(Var const& x, std::string_view op, Where where, bool overflows) {
    if (overflows)
        throw ShapeError(
            describe(where, op, "no array can be so large", "", std::array{Shown{label(x), x.shape(where)}}));
}

}  // namespace

Var repeat(Argument x, Index times, Index axis, Where where) {
    return call_on(x, Repeat::name, where, [&](Var const& v) {
        std::size_t const a = require_axis(v, Repeat::name, axis, v.shape(where).rank(), where);
        if (times < 1)
            throw ValueError(describe(where, Repeat::name, fmt::format("{} times are too few", times), "",
                                      std::array{Shown{label(v), v.shape(where)}}));
        Index size = 0;
        require_size(v, Repeat::name, where, __builtin_mul_overflow(v.shape(where)[a], times, &size));
        return Repeat{a, times};
    });
}

Shape Repeat::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    out[axis] *= times;
    return out;
}

Var broadcast_to(Argument x, Shape const& shape, Where where) {
    return call_on(x, BroadcastTo::name, where, [&](Var const& v) {
        Shape joint = v.shape(where);
        if (!broadcast(joint, shape) || !(joint == shape))
            throw ShapeError(describe(
                where, BroadcastTo::name, fmt::format("{} cannot be repeated to {}", text(v.shape(where)), text(shape)),
                "sizes that are equal or 1, axis by axis from the last", std::array{Shown{label(v), v.shape(where)}}));
        return BroadcastTo{shape};
    });
}

Var roll(Argument x, Index shift, Index axis, Where where) {
    return call_on(x, Roll::name, where, [&](Var const& v) {
        std::size_t const a = require_axis(v, Roll::name, axis, v.shape(where).rank(), where);
        Index const n       = std::max(Index{1}, v.shape(where)[a]);
        return Roll{a, (shift % n + n) % n};
    });
}

Var pad(Argument x, Index axis, Index before, Index after, double value, Where where) {
    return call_on(x, Pad::name, where, [&](Var const& v) {
        std::size_t const a = require_axis(v, Pad::name, axis, v.shape(where).rank(), where);
        if (before < 0 || after < 0)
            throw ValueError(describe(where, Pad::name,
                                      fmt::format("{} before and {} after: neither may be negative", before, after), "",
                                      std::array{Shown{label(v), v.shape(where)}}));
        Index size = 0;
        bool const overflows =
            __builtin_add_overflow(v.shape(where)[a], before, &size) || __builtin_add_overflow(size, after, &size);
        require_size(v, Pad::name, where, overflows);
        return Pad{a, before, after, value};
    });
}

Shape Pad::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    out[axis] += before + after;
    return out;
}

std::vector<Equation> Pad::arguments() const {
    return {fmt::format("axis {}", axis), fmt::format("{} before", before), fmt::format("{} after", after)};
}

namespace {

using Inputs = std::span<Var const>;

}  // namespace

std::vector<Example> Copy::examples() {
    return {{"a transpose", {{2, 3, 4}}, [](Tape&, Inputs x) { return contiguous(transpose(x[0])); }}};
}

std::vector<Example> Stack::examples() {
    std::vector<Shape> const three(3, {2, 4});
    return {{"axis 0", three, [](Tape&, Inputs x) { return stack(x, 0); }},
            {"axis 1", three, [](Tape&, Inputs x) { return stack(x, 1); }},
            {"axis -1", three, [](Tape&, Inputs x) { return stack(x, -1); }},
            {"one operand twice",
             {{3}},
             [](Tape&, Inputs x) {
                 return stack({x[0], x[0]});
             }},
            {"scalars", {{}, {}}, [](Tape&, Inputs x) { return stack(x); }}};
}

std::vector<Example> Concat::examples() {
    return {{"axis 0", {{1, 3}, {2, 3}, {0, 3}}, [](Tape&, Inputs x) { return concat(x, 0); }},
            {"axis 1", {{2, 1, 2}, {2, 3, 2}}, [](Tape&, Inputs x) { return concat(x, 1); }},
            {"axis -1", {{2, 3}, {2, 1}}, [](Tape&, Inputs x) { return concat(x, -1); }},
            {"operands of one shape", {{2, 3}, {2, 3}}, [](Tape&, Inputs x) { return concat(x, 0); }},
            {"one operand twice", {{3}}, [](Tape&, Inputs x) {
                 return concat({x[0], x[0]});
             }}};
}

std::vector<Example> Repeat::examples() {
    return {{"twice", {{2, 3}}, [](Tape&, Inputs x) { return repeat(x[0], 2, 1); }}};
}

std::vector<Example> BroadcastTo::examples() {
    return {{"a row",
             {{3}},
             [](Tape&, Inputs x) {
                 return broadcast_to(x[0], {2, 4, 3});
             }},
            {"a column",
             {{3, 1}},
             [](Tape&, Inputs x) {
                 return broadcast_to(x[0], {3, 5});
             }},
            {"a scalar", {{}}, [](Tape&, Inputs x) {
                 return broadcast_to(x[0], {2, 2});
             }}};
}

std::vector<Example> Roll::examples() {
    return {{"forward", {{5}}, [](Tape&, Inputs x) { return roll(x[0], 2, 0); }},
            {"the middle axis, back", {{2, 4, 3}}, [](Tape&, Inputs x) { return roll(x[0], -5, 1); }},
            {"not at all", {{3, 2}}, [](Tape&, Inputs x) { return roll(x[0], 3, 0); }}};
}

std::vector<Example> Pad::examples() {
    return {{"both sides", {{2, 3}}, [](Tape&, Inputs x) { return pad(x[0], 1, 2, 1); }},
            {"behind, with ones", {{2, 3}}, [](Tape&, Inputs x) { return pad(x[0], 0, 0, 2, 1.0); }}};
}

Var Copy::gradient(std::size_t, Var g, Var, std::span<Var const>) const { return g; }
Var Stack::gradient(std::size_t k, Var g, Var, std::span<Var const>) const {
    return index(g, static_cast<Index>(axis), static_cast<Index>(k));
}
Var Concat::gradient(std::size_t k, Var g, Var, std::span<Var const> x) const {
    Index begin = 0;
    for (Var const& before : x.first(k)) begin += before.shape()[axis];
    return slice(g, static_cast<Index>(axis), begin, begin + x[k].shape()[axis]);
}
Var BroadcastTo::gradient(std::size_t, Var g, Var, std::span<Var const> x) const { return fitted(g, x[0].shape()); }
Var Repeat::gradient(std::size_t, Var g, Var, std::span<Var const>) const {
    std::vector<Var> const parts = split(g, times, static_cast<Index>(axis));
    Var sum                      = parts[0];
    for (std::size_t k = 1; k < parts.size(); ++k) sum = sum + parts[k];
    return sum;
}
Var Roll::gradient(std::size_t, Var g, Var, std::span<Var const>) const {
    return roll(g, -shift, static_cast<Index>(axis));
}
Var Pad::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    return slice(g, static_cast<Index>(axis), before, before + x[0].shape()[axis]);
}

}  // namespace unspool::core
