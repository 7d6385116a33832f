// Long rows one by one, and tiles of short ones.
#include <algorithm>
#include <array>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/cpu/pattern.hpp>
#include <unspool/autograd/cpu/permutations.hpp>
#include <unspool/autograd/cpu/sums.hpp>

namespace unspool::core {

namespace {

/// Contiguous elements, or one again and again, by registers, of which the last reaches back over the one before.
template <Real T> void copy_registers(T* to, T const* from, Index from_step, Index n, WriteMode fill) {
    constexpr Index width = in_lanes_of<T>;
    auto const made       = [&](Index i) {
        Lane<T> const v = from_step == 0 ? Lane<T>(*from) : Lane<T>::load_unaligned(from + i);
        return fill == WriteMode::add ? v + Lane<T>::load_unaligned(to + i) : v;
    };
    Lane<T> const last = made(n - width);
    for (Index i = 0; i + width < n; i += width) made(i).store_unaligned(to + i);
    last.store_unaligned(to + n - width);
}

// The contiguous case apart, so that the compiler vectorises it.
template <Real T> void copy_row(T* to, Index step, T const* from, Index from_step, Index n, WriteMode fill) {
    constexpr Index few   = 1024 / static_cast<Index>(sizeof(T));  // elements: less than a call takes to begin with
    bool const contiguous = step == 1 && from_step == 1, assigns = fill == WriteMode::assign;
    if (step == 1 && (from_step == 1 || from_step == 0) && n >= in_lanes_of<T> && (n <= few || !assigns))
        copy_registers(to, from, from_step, n, fill);
    else if (contiguous && assigns) std::copy_n(from, n, to);
    else if (step == 1 && from_step == 0 && assigns) std::fill_n(to, n, *from);
    else if (step == 0 && from_step == 1 && !assigns) *to += sum_of(from, n);
    else
        for (Index i = 0; i < n; ++i) to[i * step] = assigns ? from[i * from_step] : to[i * step] + from[i * from_step];
}

template <Real T> void copy_rows(Plan const& p, T* to, T const* from, WriteMode fill) {
    if (p.rank > 2)
        return each_row(p, [&](Index const* at) {
            copy_row(to + at[0], p.row_stride(0), from + at[1], p.row_stride(1), p.row_length(), fill);
        });
    for (Index rows = p.rank == 2 ? p.dims[0] : 1; rows > 0; --rows) {  // of most copies: nothing to keep for each axis
        copy_row(to, p.row_stride(0), from, p.row_stride(1), p.row_length(), fill);
        if (rows > 1) to += p.strides[0], from += p.strides[1];
    }
}

template <Real T> void copy_tiles(Plan const& p, Tiling const& t, T* to, T const* from, WriteMode fill) {
    thread_local Pattern<T> source, goal;  // kept, so that a loop does not allocate
    goal.lay_out(p, t, 0), source.lay_out(p, t, 1);
    T row[Tiling::most + margin<T>];
    bool loaded = false;  // what is the same in all tiles
    each_tile(p, t, [&](Index const* offset, Index at, Index size) {
        if (!loaded) source.gather(row, from + offset[1] + at * source.step(), size);
        loaded = source.same() && size == t.size();
        goal.scatter(to + offset[0] + at * goal.step(), row, size, fill == WriteMode::add);
    });
}

/// Are rows better copied one by one, than by way of tiles?
bool are_simple(Plan const& p) {
    constexpr Index short_row = 16;
    return p.row_length() >= short_row && p.row_stride(0) <= 1 && p.row_stride(1) <= 1 && p.row_stride(0) >= 0 &&
           p.row_stride(1) >= 0;
}

/// Merges axes, and goes along the longest.
template <Real T> void copy_by_plan(Array<T> const& to, Array<T const> const& from, WriteMode fill) {
    Index memory[plan_size(Dims::max_rank, 2)];
    Plan const p   = make_plan(memory, to.shape, std::array{to.strides, from.strides});
    Tiling const t = are_simple(p) ? Tiling{} : tiling_of(p, 64 / static_cast<Index>(sizeof(T)));
    if (t.steps > 0) copy_tiles(p, t, to.data, from.data, fill);
    else copy_rows(longest_last(p, memory, to.shape.rank()), to.data, from.data, fill);
}

}  // namespace

template <Real T> void copy(Array<T> to, Array<T const> from, WriteMode fill) {
    Index const n = count(to.shape);
    if (fill == WriteMode::none || n == 0) return;
    bool const in_one_run = is_contiguous(to.shape, to.strides) && is_contiguous(to.shape, from.strides);
    if (in_one_run) copy_row(to.data, 1, from.data, 1, n, fill);
    else copy_by_plan(to, from, fill);
}

namespace {

/// So many registers of a row to all rows, in each of which they are read once.
template <Index n, Real T> void put_to_rows(T* to, Index step, Index rows, T const* row) {
    Lane<T> v[n];
    for (Index k = 0; k < n; ++k) v[k] = Lane<T>::load_unaligned(row + k * in_lanes_of<T>);
    for (; rows > 0; --rows, to += step)
        for (Index k = 0; k < n; ++k) v[k].store_unaligned(to + k * in_lanes_of<T>);
}

}  // namespace

template <Real T> void copy_to_rows(T* to, Index step, Index rows, T const* row, Index n) {
    constexpr Index width = in_lanes_of<T>, many = 64;  // rows: pages are not left too often
    for (; rows > 0; rows -= many, to += many * step) {
        Index const here = std::min(rows, many);
        Index j          = 0;
        for (; j + 4 * width <= n; j += 4 * width) put_to_rows<4>(to + j, step, here, row + j);
        for (; j + width <= n; j += width) put_to_rows<1>(to + j, step, here, row + j);
        if (j == n) continue;
        for (Index i = 0; i < here; ++i) std::copy_n(row + j, n - j, to + i * step + j);
    }
}

template void copy_to_rows(float*, Index, Index, float const*, Index);
template void copy_to_rows(double*, Index, Index, double const*, Index);
template void copy(Array<float>, Array<float const>, WriteMode);
template void copy(Array<double>, Array<double const>, WriteMode);

}  // namespace unspool::core
