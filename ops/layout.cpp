// Views and joins.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/label.hpp>
#include <unspool/ops/layout.hpp>

namespace unspool {

namespace {

std::size_t require_axis(Var const& x, std::string_view op, Index axis, std::size_t rank, Where where) {
    Index const a = normalized_axis(axis, rank);
    if (a < 0) throw IndexError(describe(where, op, fmt::format("there is no axis {}", axis), "", std::array{Shown{label(x), x.shape()}}));
    return static_cast<std::size_t>(a);
}

void* moved(Window const& w, Index elements, Dtype dtype) {
    return static_cast<std::byte*>(w.data) + elements * static_cast<Index>(size_of(dtype));
}

/// What part of the axis `[begin, end)` is, for the sweep.
Cover cover_of(std::size_t axis, Index begin, Index end, Index size) {
    Index const n = end - begin;
    if (n == size) return {Cover::all};
    if (n == 0 || begin % n != 0 || size % n != 0) return {Cover::some};
    return {Cover::piece, axis, begin / n, size / n};
}

Window& part_of(Tape& tape, Window const& w, std::size_t axis, Index begin, Index end, Where where) {
    Window& out     = tape.begin_view(w, where);
    out.data        = moved(w, begin * w.strides[axis], tape.dtype());
    out.shape[axis] = end - begin;
    return out;
}

}  // namespace

Var slice(Var x, Index axis, Index begin, Index end, Where where) {
    Window const&     w = x.window(where);
    std::size_t const a = require_axis(x, "slice", axis, w.shape.rank(), where);
    Index const       n = w.shape[a], b = begin < 0 ? begin + n : begin, e = end < 0 ? end + n : end;
    if (b < 0 || e > n || b > e)
        throw IndexError(describe(where, "slice", fmt::format("[{}, {}) is not within axis {}, of size {}", begin, end, axis, n), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = part_of(x.tape(), w, a, b, e, where);
    out.viewing = {Viewing::slice, static_cast<Index>(a), b, e};
    return x.tape().view(out, cover_of(a, b, e, n));
}

Var index(Var x, Index axis, Index i, Where where) {
    Window const&     w = x.window(where);
    std::size_t const a = require_axis(x, "index", axis, w.shape.rank(), where);
    Index const       n = w.shape[a], at = i < 0 ? i + n : i;
    if (at < 0 || at >= n)
        throw IndexError(describe(where, "index", fmt::format("{} is outside axis {}, of size {}", i, axis, n), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = part_of(x.tape(), w, a, at, at + 1, where);
    out.shape.erase(a), out.strides.erase(a);
    out.viewing = {Viewing::index, static_cast<Index>(a), at, at + 1};
    return x.tape().view(out, cover_of(a, at, at + 1, n));
}

Var piece(Var x, Index i, Index n, Index axis, Where where) {
    Window const&     w = x.window(where);
    std::size_t const a = require_axis(x, "split", axis, w.shape.rank(), where);
    if (n < 1 || w.shape[a] % n != 0)
        throw ShapeError(describe(where, "split", fmt::format("axis {} cannot be split into {} equal pieces", axis, n), "",
                                  std::array{Shown{label(x), w.shape}}));
    if (i < 0 || i >= n)
        throw IndexError(
            describe(where, "split", fmt::format("there is no piece {} of {}", i, n), "", std::array{Shown{label(x), w.shape}}));
    Index const size = w.shape[a] / n;
    Window&     out  = part_of(x.tape(), w, a, i * size, (i + 1) * size, where);
    out.viewing      = {Viewing::piece, static_cast<Index>(a), i, n};
    return x.tape().view(out, cover_of(a, i * size, (i + 1) * size, w.shape[a]));
}

std::vector<Var> split(Var x, Index n, Index axis, Where where) {
    std::vector<Var> out{piece(x, 0, n, axis, where)};
    while (static_cast<Index>(out.size()) < n) out.push_back(piece(x, static_cast<Index>(out.size()), n, axis, where));
    return out;
}

namespace {

/// Finds the size that is -1 from the others.  False if the shape cannot have `n` elements.
bool complete(Shape& shape, Index n) {
    auto* const open = std::find(shape.begin(), shape.end(), -1);
    if (open != shape.end()) *open = 1;
    if (std::any_of(shape.begin(), shape.end(), [](Index size) { return size < 0; })) return false;
    Index const known = count(shape);
    if (open == shape.end()) return known == n;
    *open = known > 0 ? n / known : -1;
    return known > 0 && n % known == 0;
}

}  // namespace

Var reshape(Var x, Shape shape, Where where) {
    Shape const asked = shape;
    if (!complete(shape, count(x.shape())))
        throw ShapeError(describe(where, "reshape", fmt::format("{} elements do not make the shape {}", count(x.shape()), text(asked)), "",
                                  std::array{Shown{label(x), x.shape()}}));
    Var const all = contiguous(x, where);
    Window&   out = x.tape().begin_view(all.window(where), where);
    out.shape     = shape;
    out.strides   = row_major(shape);
    out.viewing   = {Viewing::reshape};
    return x.tape().view(out, {Cover::all});
}

Var transpose(Var x, Where where) {
    Dims axes = x.shape();
    std::iota(std::make_reverse_iterator(axes.end()), std::make_reverse_iterator(axes.begin()), Index{0});
    return transpose(x, axes, where);
}

Var transpose(Var x, Dims const& axes, Where where) {
    Window const& w       = x.window(where);
    Shape         shape   = w.shape;
    Strides       strides = w.strides;
    std::uint32_t seen    = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        std::size_t const a = require_axis(x, "transpose", axes[i], w.shape.rank(), where);
        seen |= 1u << a;
        if (i < w.shape.rank()) shape[i] = w.shape[a], strides[i] = w.strides[a];
    }
    if (axes.size() != w.shape.rank() || seen != (1u << w.shape.rank()) - 1)
        throw ShapeError(describe(where, "transpose", fmt::format("{} is not an order of its axes", text(axes)), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = x.tape().begin_view(w, where);
    out.shape   = shape;
    out.strides = strides;
    out.viewing = {Viewing::transpose};
    return x.tape().view(out, {Cover::all});
}

Var contiguous(Var x, Where where) { return is_contiguous(x.window(where)) ? x : call(Copy{}, where, x); }

Shape Stack::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    out.insert(axis, static_cast<Index>(xs.size()));
    return out;
}

Shape Concat::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    for (Window const* x : xs.subspan(1)) out[axis] += x->shape[axis];
    return out;
}

namespace {

[[noreturn]] void refuse_concat(std::span<Var const> xs, Index axis, Where where) {
    std::vector<Shown> shown;
    for (Var const& x : xs) shown.push_back({label(x), x.shape()});
    throw ShapeError(describe(where, "concat", fmt::format("the shapes differ along more than axis {}", axis), "", shown));
}

void require_alike_but_for(std::span<Var const> xs, std::size_t a, Index axis, Where where) {
    for (Var const& x : xs) {
        Shape s = x.shape();
        if (s.rank() != xs[0].shape().rank()) refuse_concat(xs, axis, where);
        s[a] = xs[0].shape()[a];
        if (!(s == xs[0].shape())) refuse_concat(xs, axis, where);
    }
}

std::span<Argument const> arguments_of(std::span<Var const> xs) {
    thread_local std::vector<Argument> memory;  // kept, so that a loop does not allocate
    memory.assign(xs.begin(), xs.end());
    return memory;
}

void require_some(std::span<Var const> xs, std::string_view op, Where where) {
    if (xs.empty()) throw ValueError(fmt::format("{}: {} needs at least one operand", text(where), op));
}

}  // namespace

Var stack(std::span<Var const> xs, Index axis, Where where) {
    require_some(xs, "stack", where);
    std::size_t const a = require_axis(xs[0], "stack", axis, xs[0].shape().rank() + 1, where);
    return call(Stack{a}, where, arguments_of(xs));
}

Var concat(std::span<Var const> xs, Index axis, Where where) {
    require_some(xs, "concat", where);
    std::size_t const a = require_axis(xs[0], "concat", axis, xs[0].shape().rank(), where);
    require_alike_but_for(xs, a, axis, where);
    return call(Concat{a}, where, arguments_of(xs));
}

std::vector<Example> Copy::examples() {
    return {{"a transpose", {{2, 3, 4}}, [](Tape&, std::span<Var const> x) { return contiguous(transpose(x[0])); }}};
}

std::vector<Example> Stack::examples() {
    std::vector<Shape> const three(3, {2, 4});
    return {{"axis 0", three, [](Tape&, std::span<Var const> x) { return stack(x, 0); }},
            {"axis 1", three, [](Tape&, std::span<Var const> x) { return stack(x, 1); }},
            {"axis -1", three, [](Tape&, std::span<Var const> x) { return stack(x, -1); }},
            {"one operand twice",
             {{3}},
             [](Tape&, std::span<Var const> x) {
                 return stack({x[0], x[0]});
             }},
            {"scalars", {{}, {}}, [](Tape&, std::span<Var const> x) { return stack(x); }}};
}

std::vector<Example> Concat::examples() {
    return {{"axis 0", {{1, 3}, {2, 3}, {0, 3}}, [](Tape&, std::span<Var const> x) { return concat(x, 0); }},
            {"axis 1", {{2, 1, 2}, {2, 3, 2}}, [](Tape&, std::span<Var const> x) { return concat(x, 1); }},
            {"axis -1", {{2, 3}, {2, 1}}, [](Tape&, std::span<Var const> x) { return concat(x, -1); }},
            {"one operand twice", {{3}}, [](Tape&, std::span<Var const> x) {
                 return concat({x[0], x[0]});
             }}};
}

}  // namespace unspool
