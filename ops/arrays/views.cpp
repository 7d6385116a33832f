// How windows are turned into others.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

using Inputs = std::span<Var const>;

void* moved(Window const& w, Index elements, Dtype dtype) {
    return static_cast<std::byte*>(w.data) + elements * static_cast<Index>(size_of(dtype));
}

/// How many parts of n make up the size, of which the last may be smaller.
Index parts(Index size, Index n) { return size == 0 ? 0 : (size - 1) / n + 1; }

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

Var slice(Var x, Index axis, Index begin, Index end, Where where) { return slice(x, axis, begin, end, 1, where); }

Var slice(Var x, Index axis, Index begin, Index end, Index step, Where where) {
    if (step < 1)
        throw ValueError(describe(where, Slice::name, fmt::format("a step of {} leads nowhere: it is at least 1", step),
                                  "", std::array{Shown{label(x), x.shape(where)}}));
    Window const& w     = x.window(where);
    std::size_t const a = require_axis(x, Slice::name, axis, w.shape.rank(), where);
    Index const n = w.shape[a], b = begin < 0 ? begin + n : begin, e = end < 0 ? end + n : end;
    if (b < 0 || e > n || b > e)
        throw IndexError(describe(where, Slice::name,
                                  fmt::format("[{}, {}) is not within axis {}, of size {}", begin, end, axis, n), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = part_of(x.tape(where), w, a, b, e, where);
    out.viewing = {Viewing::slice, static_cast<Index>(a), b, e};
    if (step == 1) return x.tape(where).view(out, cover_of(a, b, e, n));
    out.viewing  = {Viewing::stepped, static_cast<Index>(a), b, e == n ? Viewing::to_the_end : e, step};
    out.shape[a] = parts(e - b, step);
    if (out.shape[a] > 1) out.strides[a] *= step;
    return x.tape(where).view(out, {Cover::some});
}

Var flip(Var x, Index axis, Where where) {
    Window const& w     = x.window(where);
    std::size_t const a = require_axis(x, Flip::name, axis, w.shape.rank(), where);
    Window& out         = x.tape(where).begin_view(w, where);
    if (w.shape[a] > 0) out.data = moved(w, (w.shape[a] - 1) * w.strides[a], x.tape(where).dtype());
    out.strides[a] = -w.strides[a];
    out.viewing    = {Viewing::flip, static_cast<Index>(a)};
    return x.tape(where).view(out, {Cover::all});
}

namespace {

/// With other axes of size 1.
template <class Change> Var expanded(Var const& x, Where where, Change change) {
    Window& out = x.tape(where).begin_view(x.window(where), where);
    change(out);
    out.viewing = {Viewing::expand};
    return x.tape(where).view(out, {Cover::all});
}

}  // namespace

Var squeeze(Var x, Axes const& axes, Where where) {
    AxisSet const given = axis_set(x, Squeeze::name, axes, where);
    for (std::size_t a = 0; a < x.shape(where).rank() && !axes.all; ++a)
        if (given.has(a) && x.shape(where)[a] != 1)
            throw ShapeError(describe(where, Squeeze::name, fmt::format("axis {} has not the size 1", a), "",
                                      std::array{Shown{label(x), x.shape(where)}}));
    return expanded(x, where, [&](Window& w) {
        for (std::size_t a = w.shape.size(); a-- > 0;)
            if (given.has(a) && w.shape[a] == 1) w.shape.erase(a), w.strides.erase(a);
    });
}

Var unsqueeze(Var x, Index axis, Where where) {
    std::size_t const a = require_axis(x, Unsqueeze::name, axis, x.shape(where).rank() + 1, where);
    return expanded(x, where, [&](Window& w) {
        Index const inner = a < w.shape.size() ? w.shape[a] * w.strides[a] : 1;
        w.shape.insert(a, 1, where), w.strides.insert(a, inner, where);
    });
}

Var index(Var x, Index axis, Index i, Where where) {
    Window const& w     = x.window(where);
    std::size_t const a = require_axis(x, "index", axis, w.shape.rank(), where);
    Index const n = w.shape[a], at = i < 0 ? i + n : i;
    if (at < 0 || at >= n)
        throw IndexError(describe(where, "index", fmt::format("{} is outside axis {}, of size {}", i, axis, n), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = part_of(x.tape(where), w, a, at, at + 1, where);
    out.shape.erase(a), out.strides.erase(a);
    out.viewing = {Viewing::index, static_cast<Index>(a), at, at + 1};
    return x.tape(where).view(out, cover_of(a, at, at + 1, n));
}

namespace {

/// Each of `out` becomes a piece of n, from the first on.
void cut(std::span<Var> out, Var const& x, Index first, Index n, Index axis, Where where) {
    Window const& w     = x.window(where);
    std::size_t const a = require_axis(x, "split", axis, w.shape.rank(), where);
    Index const size    = n < 1 ? 0 : w.shape[a] / n;
    auto const shown    = [&] { return std::array{Shown{label(x), w.shape}}; };
    if (n < 1 || size * n != w.shape[a])
        throw ShapeError(describe(where, "split", fmt::format("axis {} cannot be split into {} equal pieces", axis, n),
                                  "", shown()));
    if (first < 0 || first >= n)
        throw IndexError(describe(where, "split", fmt::format("there is no piece {} of {}", first, n), "", shown()));
    for (Index i = first; i < first + std::ssize(out); ++i) {
        Window& part     = part_of(x.tape(where), w, a, i * size, (i + 1) * size, where);
        part.viewing     = {Viewing::piece, static_cast<Index>(a), i, n};
        Cover const kind = n == 1 ? Cover{Cover::all} : size == 0 ? Cover{Cover::some} : Cover{Cover::piece, a, i, n};
        out[static_cast<std::size_t>(i - first)] = x.tape(where).view(part, kind);
    }
}

}  // namespace

Var piece(Var x, Index i, Index n, Index axis, Where where) {
    Var out;
    cut({&out, 1}, x, i, n, axis, where);
    return out;
}

void split_into(std::span<Var> out, Var const& x, Index axis, Where where) {
    cut(out, x, 0, std::ssize(out), axis, where);
}

std::vector<Var> split(Var x, Index n, Index axis, Where where) {
    std::vector<Var> out{piece(x, 0, n, axis, where)};
    try {
        out.reserve(static_cast<std::size_t>(n));
    } catch (std::exception const&) {  // of an empty axis there are as many pieces as one likes
        throw MemoryError(fmt::format("{}: out of memory: {} pieces were wanted", text(where), n));
    }
    while (std::ssize(out) < n) out.push_back(piece(x, std::ssize(out), n, axis, where));
    return out;
}

std::vector<Var> chunk(Var x, Index n, Index axis, Where where) {
    std::size_t const a = require_axis(x, Chunk::name, axis, x.shape(where).rank(), where);
    if (n < 1)
        throw ValueError(describe(where, Chunk::name, fmt::format("{} pieces are too few", n), "",
                                  std::array{Shown{label(x), x.shape(where)}}));
    Index const size = x.shape(where)[a], each = std::max(Index{1}, parts(size, n));
    std::vector<Var> out;
    for (Index begin = 0; begin < size || out.empty(); begin += each)
        out.push_back(slice(x, axis, begin, std::min(size, begin + each), where));
    return out;
}

namespace {

/// Finds the size that is -1 from the others.  False if the shape cannot have `n` elements.
bool complete(Shape& shape, Index n) {
    auto* const open = std::find(shape.begin(), shape.end(), -1);
    if (open != shape.end()) *open = 1;
    Index const known = elements_or_none({shape.begin(), shape.end()});
    if (open == shape.end()) return known == n;
    *open = known > 0 ? n / known : -1;
    return known > 0 && n % known == 0;
}

}  // namespace

Var reshape(Var x, Shape shape, Where where) {
    Shape const asked = shape;
    if (!complete(shape, count(x.shape(where))))
        throw ShapeError(describe(
            where, "reshape", fmt::format("{} elements do not make the shape {}", count(x.shape(where)), text(asked)),
            "", std::array{Shown{label(x), x.shape(where)}}));
    Var const all = contiguous(x, where);
    Window& out   = x.tape(where).begin_view(all.window(where), where);
    out.shape     = shape;
    out.strides   = row_major(shape);
    out.viewing   = {Viewing::reshape};
    return x.tape(where).view(out, {Cover::all});
}

Var transpose(Var x, Where where) {
    Dims axes = x.shape(where);
    std::iota(std::make_reverse_iterator(axes.end()), std::make_reverse_iterator(axes.begin()), Index{0});
    return transpose(x, axes, where);
}

Var transpose(Var x, Dims const& axes, Where where) {
    Window const& w    = x.window(where);
    Shape shape        = w.shape;
    Strides strides    = w.strides;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        std::size_t const a = require_axis(x, "transpose", axes[i], w.shape.rank(), where);
        seen |= 1u << a;
        if (i < w.shape.rank()) shape[i] = w.shape[a], strides[i] = w.strides[a];
    }
    if (axes.size() != w.shape.rank() || seen != (1u << w.shape.rank()) - 1)
        throw ShapeError(describe(where, "transpose", fmt::format("{} is not an order of its axes", text(axes)), "",
                                  std::array{Shown{label(x), w.shape}}));
    Window& out = x.tape(where).begin_view(w, where);
    out.shape   = shape;
    out.strides = strides;
    out.viewing = {Viewing::transpose};
    return x.tape(where).view(out, {Cover::all});
}

std::vector<Example> Slice::examples() {
    return {{"the middle", {{5, 3}}, [](Tape&, Inputs x) { return slice(x[0], 0, 1, -1); }},
            {"every second", {{2, 5}}, [](Tape&, Inputs x) { return slice(x[0], 1, 0, 5, 2); }},
            {"every third of the middle, and all",
             {{8, 3}},
             [](Tape&, Inputs x) -> Var { return slice(x[0], 0, 1, 7, 3) * x[0][2] + x[0][1]; }},
            {"nothing", {{3, 2}}, [](Tape&, Inputs x) { return slice(x[0], 1, 1, 1); }}};
}

std::vector<Example> AtIndex::examples() {
    return {{"the first axis", {{4, 3}}, [](Tape&, Inputs x) { return x[0][-1]; }},
            {"the last axis", {{4, 3}}, [](Tape&, Inputs x) { return index(x[0], -1, 1); }}};
}

std::vector<Example> Split::examples() {
    return {{"in three",
             {{2, 6}},
             [](Tape&, Inputs x) -> Var {
                 auto [a, b, c] = split<3>(x[0]);
                 return a * b + c * c;
             }},
            {"one of them", {{4, 3}}, [](Tape&, Inputs x) { return split(x[0], 2, 0)[1]; }}};
}

std::vector<Example> Chunk::examples() {
    return {{"in two, not equal", {{3, 5}}, [](Tape&, Inputs x) -> Var {
                 auto const ys = chunk(x[0], 2);
                 return mean(ys[0], 1) * sum(ys[1] * ys[1], 1);
             }}};
}

std::vector<Example> Reshape::examples() {
    return {{"of a matrix",
             {{4, 3}},
             [](Tape&, Inputs x) {
                 return reshape(x[0], {2, -1});
             }},
            {"to a vector", {{2, 3}}, [](Tape&, Inputs x) { return reshape(x[0], {6}); }}};
}

std::vector<Example> Transpose::examples() {
    return {{"of a matrix", {{4, 3}}, [](Tape&, Inputs x) { return transpose(x[0]); }},
            {"of three axes", {{4, 3, 2}}, [](Tape&, Inputs x) {
                 return permute(x[0], {1, 2, 0});
             }}};
}

std::vector<Example> Squeeze::examples() {
    return {{"two axes",
             {{1, 3, 1, 1}},
             [](Tape&, Inputs x) {
                 return squeeze(x[0], {0, -1});
             }},
            {"one axis", {{3, 1, 1}}, [](Tape&, Inputs x) { return squeeze(x[0], 1); }},
            {"all", {{1, 3, 1}}, [](Tape&, Inputs x) { return squeeze(x[0]); }}};
}

std::vector<Example> Unsqueeze::examples() {
    return {{"first", {{3, 2}}, [](Tape&, Inputs x) { return unsqueeze(x[0], 0); }},
            {"between", {{3, 2}, {3, 4, 2}}, [](Tape&, Inputs x) -> Var { return unsqueeze(x[0], 1) * x[1]; }},
            {"last", {{3}}, [](Tape&, Inputs x) { return unsqueeze(x[0], -1); }}};
}

std::vector<Example> Flip::examples() {
    return {{"the first axis", {{3, 2}}, [](Tape&, Inputs x) { return flip(x[0], 0); }},
            {"a product with what is flipped",
             {{3, 5}},
             [](Tape&, Inputs x) -> Var { return flip(x[0], 1) * x[0] + flip(flip(x[0], 0), 1); }},
            {"of one", {{1, 2}}, [](Tape&, Inputs x) { return flip(x[0], 0); }}};
}

}  // namespace unspool::core
