// Lays what a kernel meets side by side, multiplies, and on the way back adds it up where it came from.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/linalg/convolution.hpp>
#include <unspool/ops/linalg/convolution_adjoints.hpp>

namespace unspool::core {

namespace {

/// [b,c,l] as [b,c,1,l].
template <class T> Array<T> with_height(Array<T> a) {
    if (a.rank() == 3) a.shape.insert(2, 1), a.strides.insert(2, 0);
    return a;
}
Shape with_height(Shape s) {
    if (s.rank() == 3) s.insert(2, 1);
    return s;
}

/// So many numbers stay in a fast cache.
constexpr Index columns_at_once = 1 << 15;

/// The part of a convolution that is a product: of one group of channels, for one input and some of its outputs.  Columns are
/// [c·k·l, outputs]: in each row what one element of the kernel meets.
struct Patches {
    Convolution const& of;
    Index channels, outputs;      // of a group
    Shape image, kernel, result;  // their heights and widths
    Strides steps;                // of the image: from channel to channel, row to row, and element to element
    Index row = 0, column = 0;    // the first of the outputs
    Index height = 0, width = 0;  // how many there are: rows that are whole, or a part of one

    Index rows() const { return channels * kernel[0] * kernel[1]; }
    Shape shape() const { return {rows(), height * width}; }
    Index step() const { return of.across.stride * steps[2]; }

    /// Calls `f(patches)` for all outputs, so many at a time that their columns stay in the cache.
    template <class F> void each_block(F f) const {
        Index const most = std::max(Index{64}, columns_at_once / std::max(Index{1}, rows()) / 64 * 64),
                    high = std::min(result[0], std::max(Index{1}, most / result[1])), wide = std::min(result[1], most);
        Patches part = *this;
        for (part.row = 0; part.row < result[0]; part.row += high)
            for (part.column = 0; part.column < result[1]; part.column += wide) {
                part.height = std::min(high, result[0] - part.row),
                part.width  = std::min(wide, result[1] - part.column);
                f(part);
            }
    }
    /// Calls `f(to, from, n)` for n outputs in a row that meet the image, at places `step()` apart.
    template <class F> void each_run(F f) const {
        Index to = 0;
        each_index({channels, kernel[0], kernel[1], height}, [&](Index const* at) {
            Index const i           = of.down.place(row + at[3], at[1]);
            auto const [begin, end] = meeting(at[2]);
            if (i >= 0 && i < image[0] && begin < end)
                f(to + begin - column, at[0] * steps[0] + i * steps[1] + of.across.place(begin, at[2]) * steps[2],
                  end - begin);
            to += width;
        });
    }

private:
    struct Outputs {
        Index begin, end;
    };
    /// For which column `l` of the kernel is not in the padding.
    Outputs meeting(Index l) const {
        Index const before = -of.across.place(0, l), room = image[1] - 1 + before, stride = of.across.stride;
        Index const begin = std::max(column, before > 0 ? (before - 1) / stride + 1 : 0);
        return {begin, room < 0 ? begin : std::min(column + width, room / stride + 1)};
    }
};

template <class X, class W, class Y>
Patches patches(Convolution const& c, Array<X> const& x, Array<W> const& w, Array<Y> const& y) {
    return {.of       = c,
            .channels = w.shape[1],
            .outputs  = w.shape[0] / c.groups,
            .image    = {x.shape[2], x.shape[3]},
            .kernel   = {w.shape[2], w.shape[3]},
            .result   = {y.shape[2], y.shape[3]},
            .steps    = {x.strides[1], x.strides[2], x.strides[3]}};
}

/// Calls `f(patches, x, w, y)` with what belongs together: an image's first number, and two matrices.
template <class X, class W, class Y, class F>
void each_product(Patches const& all, Array<X> const& x, Array<W> const& w, Array<Y> const& y, F f) {
    Index const rows = all.rows(), columns = all.result[0] * all.result[1], n = all.outputs;
    each_index({x.shape[0], all.of.groups}, [&](Index const* at) {
        Array<W> const wm{w.data + at[1] * n * rows, {n, rows}, {rows, 1}};
        all.each_block([&](Patches const& p) {
            Index const first = (at[0] * all.of.groups + at[1]) * n * columns + p.row * p.result[1] + p.column;
            f(p, x.data + at[0] * x.strides[0] + at[1] * p.channels * x.strides[1], wm,
              Array<Y>{y.data + first, {n, p.height * p.width}, {columns, 1}});
        });
    });
}

/// Memory for the columns, kept for the next call.
template <Real T> Array<T> column_memory(Patches const& p) {
    thread_local std::vector<T> kept;
    kept.resize(static_cast<std::size_t>(count(p.shape())));
    return {kept.data(), p.shape(), row_major(p.shape())};
}

template <Real T> Array<T const> columns_of_image(Patches const& p, T const* image) {
    Array<T> const out = column_memory<T>(p);
    std::fill_n(out.data, count(out.shape), T(0));
    Index const step = p.step();
    p.each_run([&](Index to, Index from, Index n) {
        if (step == 1) std::copy_n(image + from, n, out.data + to);
        else
            for (Index i = 0; i < n; ++i) out.data[to + i] = image[from + i * step];
    });
    return out;
}
template <Real T> void add_to_image(Patches const& p, T* image, Array<T const> const& columns) {
    Index const step = p.step();
    p.each_run([&](Index to, Index from, Index n) {
        for (Index i = 0; i < n; ++i) image[from + i * step] += columns.data[to + i];
    });
}

template <Real T>
void multiply_patches(Convolution const& c, Array<T> const& y, Array<T const> const& x, Array<T const> const& w) {
    each_product(patches(c, x, w, y), x, w, y,
                 [](auto& p, T const* image, Array<T const> const& wm, Array<T> const& ym) {
                     multiply<T>(ym, {wm, columns_of_image<T>(p, image)}, WriteMode::assign);
                 });
}
template <Real T>
void add_to_images(Convolution const& c, Array<T> const& dx, Array<T const> const& g, Array<T const> const& w) {
    each_product(patches(c, dx, w, g), dx, w, g,
                 [](auto& p, T* image, Array<T const> const& wm, Array<T const> const& gm) {
                     Array<T> const columns = column_memory<T>(p);
                     multiply<T>(columns, {transposed(wm), gm}, WriteMode::assign);
                     add_to_image<T>(p, image, columns);
                 });
}
template <Real T>
void add_to_weights(Convolution const& c, Array<T> const& dw, Array<T const> const& g, Array<T const> const& x) {
    each_product(patches(c, x, dw, g), x, dw, g,
                 [](auto& p, T const* image, Array<T> const& wm, Array<T const> const& gm) {
                     multiply<T>(wm, {gm, transposed(columns_of_image<T>(p, image))}, WriteMode::add);
                 });
}

}  // namespace

Shape Convolution::result(std::span<Window const* const> xs) const {
    Shape const x = with_height(xs[0]->shape), w = with_height(xs[1]->shape);
    Shape out{x[0], w[0], down.outputs(x[2], w[2]), across.outputs(x[3], w[3])};
    if (xs[0]->shape.rank() == 3) out.erase(2);
    return out;
}

template <Real T> void Convolution::f(Array<T> y, Array<T const> x, Array<T const> w) const {
    multiply_patches<T>(*this, with_height(y), with_height(x), with_height(w));
}
template <Real T> void Convolution::add_to_input(Array<T> dx, Array<T const> g, Array<T const> w) const {
    add_to_images<T>(*this, with_height(dx), with_height(g), with_height(w));
}
template <Real T> void Convolution::add_to_kernel(Array<T> dw, Array<T const> g, Array<T const> x) const {
    add_to_weights<T>(*this, with_height(dw), with_height(g), with_height(x));
}
template void Convolution::f(Array<float>, Array<float const>, Array<float const>) const;
template void Convolution::f(Array<double>, Array<double const>, Array<double const>) const;
template void Convolution::add_to_input(Array<float>, Array<float const>, Array<float const>) const;
template void Convolution::add_to_input(Array<double>, Array<double const>, Array<double const>) const;
template void Convolution::add_to_kernel(Array<float>, Array<float const>, Array<float const>) const;
template void Convolution::add_to_kernel(Array<double>, Array<double const>, Array<double const>) const;

Var Convolution::gradient(std::size_t k, Var g, Var, std::span<Var const> x) const {
    return k == 0 ? convolution_to_input(*this, g, x[1], x[0].shape())
                  : convolution_to_kernel(*this, g, x[0], x[1].shape());
}

std::vector<Equation> Convolution::unusual(Sliding const& down_too) const {
    std::vector<Equation> out;
    auto const add = [&](char const* what, Index usual, Index h, Index w) {
        if (h == w && w != usual) out.push_back(fmt::format("{} {}", what, w));
        else if (h != w) out.push_back(fmt::format("{} {} × {}", what, h, w));
    };
    add("stride", 1, down_too.stride, across.stride), add("padding", 0, down_too.padding, across.padding);
    add("dilation", 1, down_too.dilation, across.dilation), add("groups", 1, groups, groups);
    return out;
}

namespace {

/// What is wrong with a convolution, in the words of its errors.
struct Convolved {
    Var const &x, &w;
    std::string_view op, expected;
    Where where;

    template <class E> [[noreturn]] void refuse(std::string const& what) const {
        throw E(describe(where, op, what, expected,
                         std::array{Shown{label(x), x.shape(where)}, Shown{label(w), w.shape(where)}}));
    }
    void require_at_least(Index least, Index n, char const* what) const {
        if (n < least) refuse<ValueError>(fmt::format("{} is {}, and must be at least {}", what, n, least));
    }
    void require_options(Sliding const& s) const {
        require_at_least(1, s.stride, "stride"), require_at_least(0, s.padding, "padding");
        require_at_least(1, s.dilation, "dilation");
        if (Index const most = std::numeric_limits<std::int32_t>::max(); s.stride > most)
            refuse<ValueError>(fmt::format("stride is {}, and must be at most {}", s.stride, most));
    }
    void require_channels(Index groups) const {
        Index const channels = x.shape(where)[1], each = w.shape(where)[1], outputs = w.shape(where)[0];
        require_at_least(1, groups, "groups");
        if (channels % groups != 0 || outputs % groups != 0)
            refuse<ShapeError>(
                fmt::format("{} groups do not divide {} channels and {} outputs", groups, channels, outputs));
        if (channels / groups != each)
            refuse<ShapeError>(
                fmt::format("{} takes {} channels where a group has {}", label(w), each, channels / groups));
    }
    void require_room(Sliding const& s, std::size_t axis) const {
        Index const size = x.shape(where)[axis], kernel = w.shape(where)[axis];
        Index span = 0, room = 0;
        if (kernel < 1) refuse<ShapeError>(fmt::format("the kernel has no elements along axis {}", axis));
        if (__builtin_mul_overflow(s.dilation, kernel - 1, &span) || __builtin_mul_overflow(s.padding, 2, &room) ||
            __builtin_add_overflow(room, size, &room))
            refuse<ShapeError>("no array can be so large");
        if (span >= room)
            refuse<ShapeError>(fmt::format("along axis {} the kernel spans {} elements of {}, padding included", axis,
                                           span + 1, room));
    }
};

template <class Op>
Var convolve(Op const& op, std::string_view expected, Argument const& x, Argument const& w, Where where) {
    return with_operands(std::array{x, w}, Op::name, where, [&](Var a, Var b) {
        std::size_t const rank = std::same_as<Op, Conv1d> ? 3 : 4;
        if (a.shape(where).rank() == rank && b.shape(where).rank() == rank) {  // else the signature refuses them
            Convolved const c{a, b, Op::name, expected, where};
            c.require_options(op.down), c.require_options(op.across);
            c.require_channels(op.groups);
            c.require_room(op.across, rank - 1);
            if (rank == 4) c.require_room(op.down, 2);
        }
        return call(op, where, a, contiguous(b, where.inside()));
    });
}

}  // namespace

Var conv1d(Argument x, Argument w, Conv1dOptions const& o, Where where) {
    return convolve(Conv1d{{{}, {o.stride, o.padding, o.dilation}, o.groups}}, "[b,c,l] [o,c/groups,k] -> [?]", x, w,
                    where);
}
Var conv2d(Argument x, Argument w, Conv2dOptions const& o, Where where) {
    return convolve(Conv2d{{{o.stride.height, o.padding.height, o.dilation.height},
                            {o.stride.width, o.padding.width, o.dilation.width},
                            o.groups}},
                    "[b,c,h,w] [o,c/groups,k,l] -> [?]", x, w, where);
}

std::vector<Example> Conv1d::examples() {
    using Inputs = std::span<Var const>;
    return {{"a batch", {{2, 3, 7}, {4, 3, 3}}, [](Tape&, Inputs x) { return conv1d(x[0], x[1]); }},
            {"operands of one shape",
             {{2, 2, 3}, {2, 2, 3}},
             [](Tape&, Inputs x) { return conv1d(x[0], x[1], {.padding = 1}); }},
            {"strided, padded and dilated",
             {{1, 2, 9}, {3, 2, 3}},
             [](Tape&, Inputs x) {
                 return conv1d(x[0], x[1], {2, 3, 2});
             }},
            {"in groups", {{2, 4, 5}, {6, 2, 2}}, [](Tape&, Inputs x) { return conv1d(x[0], x[1], {.groups = 2}); }}};
}
std::vector<Example> Conv2d::examples() {
    using Inputs = std::span<Var const>;
    return {{"a batch", {{2, 2, 4, 5}, {3, 2, 3, 2}}, [](Tape&, Inputs x) { return conv2d(x[0], x[1]); }},
            {"operands of one shape",
             {{2, 2, 2, 3}, {2, 2, 2, 3}},
             [](Tape&, Inputs x) {
                 return conv2d(x[0], x[1], {.padding = {1, 0}});
             }},
            {"strided, padded, dilated and in groups", {{1, 4, 5, 6}, {2, 2, 2, 3}}, [](Tape&, Inputs x) {
                 return conv2d(x[0], x[1], {.stride = {2, 1}, .padding = {1, 2}, .dilation = {3, 2}, .groups = 2});
             }}};
}

}  // namespace unspool::core
