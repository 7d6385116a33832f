// Short lists side by side: as many at a time as a register has lanes, one in each.  What an operation does for a list, it so does
// once for several.
#pragma once
#include <array>
#include <bit>
#include <optional>
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/array/write_mode.hpp>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/ops/arrays/axis_set.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <vector>

namespace unspool::core {

/// Where the lists of some arrays are: their shapes are the same but along the lists, where one may have a single number for each.
class ListPlan {
public:
    static constexpr std::size_t most_arrays = 4;

    struct Layout {
        Shape const& shape;
        Strides const& strides;
    };
    ListPlan(AxisSet along, std::initializer_list<Layout>);

    /// The places of an array's list, counted from its first.
    std::span<Index const> places(std::size_t array) const { return {places_[array], n_[array]}; }
    /// Of the axes across: rows of neighbouring lists.
    Plan const& rows() const { return plan_; }
    /// Can rows be read by whole registers of so many lists, and lists of the first array be written so?
    bool suits(Index width, WriteMode) const;

private:
    bool in_blocks(std::size_t array, Index width) const;
    void add_axis(std::size_t array, Index size, Index stride);

    Index memory_[plan_size(Dims::max_rank, most_arrays)], places_[most_arrays][short_list];
    std::size_t n_[most_arrays];
    Plan plan_;  // of the axes across
};

/// Strides of an array of that shape in which numbers of lists are apart, and lists lie side by side.
Strides strides_with_lists_first(Shape const&, AxisSet along);
/// Do the numbers of a list follow each other?
bool is_range(std::span<Index const> places);

/// Those axes before the others.
template <class T> Array<T> with_axes_first(Array<T> const& a, AxisSet those) {
    Array<T> out{a.data, {}, {}};
    for (bool const first : {true, false})
        for (std::size_t i = 0; i < a.shape.size(); ++i)
            if (those.has(i) == first) out.shape.push_back(a.shape[i]), out.strides.push_back(a.strides[i]);
    return out;
}
/// The axes along lists before the others: so lists whose numbers are apart lie side by side.
template <class T> Array<T> lists_first(Array<T> const& a, AxisSet along) { return with_axes_first(a, along); }
/// An array of that shape, in `memory`, whose axes lie in that order.
template <Real T> Array<T> room_for_lists(Shape const& shape, AxisSet along, std::vector<T>& memory) {
    memory.resize(static_cast<std::size_t>(count(shape)));
    return {memory.data(), shape, strides_with_lists_first(shape, along)};
}
/// Lists side by side: in place, or copied to `memory`.
template <Real T> Array<T const> lists_side_by_side(Array<T const> const& a, AxisSet along, std::vector<T>& memory) {
    Array<T const> const from = lists_first(a, along);
    if (is_contiguous(from.shape, from.strides)) return a;
    Array<T> const out = room_for_lists(a.shape, along, memory);
    copy<T>(lists_first(out, along), from);
    return out;
}

template <Real T> using Lanes = xsimd::batch<T>;

/// Calls f with 0 to n − 1 as constants, so that arrays that it indexes are registers.
template <std::size_t n, class F> [[gnu::always_inline]] inline void unrolled(F f) {
    [&]<std::size_t... i>(std::index_sequence<i...>) { (..., f(std::integral_constant<std::size_t, i>{})); }
    (std::make_index_sequence<n>{});
}

/// The elements of a and b in turn, of both from one on.  Not by xsimd, which stays within the halves of a register.
template <std::size_t from, Real T>
[[gnu::always_inline]] inline Lanes<T> in_turn(Lanes<T> const& a, Lanes<T> const& b) {
    constexpr std::size_t width = Lanes<T>::size;
    return [&]<std::size_t... i>(std::index_sequence<i...>) {
        return Lanes<T>(__builtin_shufflevector(a.data, b.data, (from + i / 2 + i % 2 * width)...));
    }
    (std::make_index_sequence<width>{});
}

/// As one array, whose first half is put between the elements of its second, so many times.
template <std::size_t times, Real T, std::size_t n> [[gnu::always_inline]] inline void interleave(Lanes<T> (&r)[n]) {
    if constexpr (times > 0) {
        Lanes<T> mixed[n];
        unrolled<n / 2>([&](auto i) {
            mixed[2 * i]     = in_turn<0, T>(r[i], r[i + n / 2]);
            mixed[2 * i + 1] = in_turn<Lanes<T>::size / 2, T>(r[i], r[i + n / 2]);
        });
        unrolled<n>([&](auto i) { r[i] = mixed[i]; });
        interleave<times - 1, T>(r);
    }
}

/// Neighbouring lists of one array, from `first` on.
template <class T> struct NeighbouringLists {
    T* first;
    Index step;  // from a list to the next
    std::span<Index const> places;
    bool in_place = is_range(places);

    using Element                = std::remove_const_t<T>;
    using Register               = Lanes<Element>;
    static constexpr Index width = static_cast<Index>(Register::size);

    /// Registers with the numbers of the next lists, of which `left` are left; of the last list in lanes that have none.
    [[gnu::always_inline]] std::span<Register const> read(Register* memory, Index left) const {
        if (left >= width && step == 1)
            each([&](std::size_t j, T* from) { store(Register::load_unaligned(from), memory + j); });
        else read_apart(memory, left);
        return {memory, places.size()};
    }
    [[gnu::always_inline]] void write(Register const* from, Index left, WriteMode fill) const {
        if (left >= width && step == 1)
            each([&](std::size_t j, T* to) {
                Register const v = load(Register{}, from + j);
                (fill == WriteMode::add ? Register::load_unaligned(to) + v : v).store_unaligned(to);
            });
        else write_apart(from, left, fill);
    }

private:
    static constexpr std::size_t lanes = Register::size, rounds = std::bit_width(lanes) - 1;

    [[gnu::noinline]] void read_apart(Register* memory, Index left) const {
        if (in_blocks(left)) read_blocks(memory);
        else if (left >= width) gather(memory, [](Index lane) { return lane; });
        else gather(memory, [&](Index lane) { return std::min(lane, left - 1); });
    }
    [[gnu::noinline]] void write_apart(Register const* from, Index left, WriteMode fill) const {
        if (fill == WriteMode::add) scatter(from, std::min(left, width), [](T& x, T v) { x += v; });
        else if (in_blocks(left)) write_blocks(from);
        else if (left >= width) scatter(from, width, [](T& x, T v) { x = v; });
        else scatter(from, left, [](T& x, T v) { x = v; });
    }
    template <class F> void each(F f) const {
        for (std::size_t j = 0; j < places.size(); ++j) f(j, first + places[j]);
    }
    template <class List> void gather(Register* memory, List list_in) const {
        Element row[lanes];
        each([&](std::size_t j, T* from) {
            for (Index lane = 0; lane < width; ++lane) row[lane] = from[list_in(lane) * step];
            store(Register::load_unaligned(row), memory + j);
        });
    }
    template <class Put> void scatter(Register const* from, Index n, Put put) const {
        Element row[lanes];
        each([&](std::size_t j, T* to) {
            load(Register{}, from + j).store_unaligned(row);
            for (Index lane = 0; lane < n; ++lane) put(to[lane * step], row[lane]);
        });
    }

    // Lists in one piece are read and written by whole registers.  Those of short lists reach into lists that follow, of which there
    // must be enough, and which are written later.
    bool in_blocks(Index left) const {
        auto const n = static_cast<Index>(places.size());
        return in_place && n > 1 && (n >= width ? left >= width : step == n && left >= 2 * width);
    }
    /// Calls `f(constant, first, apart)` for blocks of so many registers, which begin at place `first`, `apart` numbers from each other.
    template <class F> void each_block(F f) const {
        std::size_t const n = places.size();
        auto const whole    = static_cast<Index>(lanes);
        if (n == 2 && n < lanes) return f(std::integral_constant<std::size_t, 2>{}, 0, whole);
        if (n == 4 && n < lanes) return f(std::integral_constant<std::size_t, 4>{}, 0, whole);
        std::integral_constant<std::size_t, lanes> const all;
        std::size_t j = 0;
        for (; j + lanes <= n; j += lanes) f(all, j, step);
        if (j < n) f(all, n > lanes ? n - lanes : 0, step);  // beginning in the one before, or ending behind the list
    }
    void read_blocks(Register* memory) const {
        each_block([&](auto n, std::size_t j, Index apart) {
            Register r[n];
            unrolled<n>([&](auto i) { r[i] = Register::load_unaligned(first + j + static_cast<Index>(i) * apart); });
            interleave<rounds, Element>(r);
            unrolled<n>([&](auto i) { store(r[i], memory + j + i); });
        });
    }
    void write_blocks(Register const* from) const {
        each_block([&](auto n, std::size_t j, Index apart) {
            Register r[n];
            unrolled<n>([&](auto i) { r[i] = load(Register{}, from + j + i); });
            interleave<std::bit_width(n()) - 1, Element>(r);
            unrolled<n>([&](auto i) { r[i].store_unaligned(first + j + static_cast<Index>(i) * apart); });
        });
    }
};

/// Calls `f(y, x...)` with registers of the lists of x, to fill those of y, in rows that suit.
template <Real T, class F, class... X>
void in_rows_of_lists(ListPlan const& plan, Array<T> const& y, WriteMode fill, F f, X const&... x) {
    Plan const& rows                           = plan.rows();
    constexpr Index width                      = NeighbouringLists<T>::width;
    Lanes<T> made[short_list + Lanes<T>::size] = {}, read[sizeof...(X)][short_list + Lanes<T>::size];
    // The last lists of a row are taken with some before them once more, where that changes nothing.
    Index const last = fill == WriteMode::add ? rows.row_length() : std::max(Index{0}, rows.row_length() - width);
    each_row(rows, [&](Index const* at) {
        [&]<std::size_t... K>(std::index_sequence<K...>) {
            NeighbouringLists<T> to{y.data + at[0], rows.row_stride(0), plan.places(0)};
            NeighbouringLists<T const> from[]{
                {x.data + at[K + 1], rows.row_stride(static_cast<int>(K) + 1), plan.places(K + 1)}...};
            for (Index done = 0, left = rows.row_length();; left = rows.row_length() - done) {
                f(std::span<Lanes<T>>(made, to.places.size()), from[K].read(read[K], left)...);
                to.write(made, left, fill);
                if (left <= width) break;
                Index const by = std::min(width, last - done);
                done += by, to.first += by * to.step;
                (..., (from[K].first += by * from[K].step));
            }
        }
        (std::index_sequence_for<X...>{});
    });
}

/// Calls `f(y, x...)` with registers of the lists of x, to fill those of y.  Rows that do not suit are copied first, and back.
template <Real T, class F, class... X>
void in_lanes(AxisSet along, Array<T> const& y, WriteMode fill, F f, X const&... x) {
    thread_local std::vector<T> memory[sizeof...(X)], y_memory;  // kept, so that a loop does not allocate
    [&]<std::size_t... K>(std::index_sequence<K...>) {
        std::optional<ListPlan> plan;
        plan.emplace(along, std::initializer_list<ListPlan::Layout>{{y.shape, y.strides}, {x.shape, x.strides}...});
        if (plan->suits(NeighbouringLists<T>::width, fill))
            return in_rows_of_lists(*plan, y, fill, f, Array<T const>(x)...);
        Array<T> const made = room_for_lists(y.shape, along, y_memory);
        Array<T const> const from[]{lists_side_by_side<T>(x, along, memory[K])...};
        plan.emplace(along, std::initializer_list<ListPlan::Layout>{{made.shape, made.strides},
                                                                    {from[K].shape, from[K].strides}...});
        in_rows_of_lists(*plan, made, WriteMode::assign, f, from[K]...);
        copy<T>(lists_first(y, along), lists_first(Array<T const>(made), along), fill);
    }
    (std::index_sequence_for<X...>{});
}

}  // namespace unspool::core
