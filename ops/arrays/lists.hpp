// Operations on the numbers along some axes of an array: each list of them becomes one number, or a list as long.  An
// operation is written for one list of contiguous numbers; here is what finds the lists, whatever the strides.
#pragma once
#include <cstdint>
#include <span>
#include <tuple>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/ops/arrays/lanes.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <vector>

namespace unspool::core {

/// An axis of an array of this rank, counted from the first; IndexError if there is none.
std::size_t require_axis(Var const& x, std::string_view op, Index axis, std::size_t rank, Where);
/// IndexError for an axis that the array has not, or that is named twice.
AxisSet axis_set(Var const& x, std::string_view op, Axes const&, Where);
Shape reduced_shape(Shape const&, AxisSet, Reduced);
std::string text(AxisSet);  ///< "axis 1", "axes 0, 2"

/// Calls `f(at)` for each list: `at` has its place in the other axes, and zeros in its own.
template <class F> void each_list(Shape const& shape, AxisSet along, F&& f) {
    each_index(reduced_shape(shape, along, Reduced::keep), [&](Index const* at) { f(at); });
}
template <class T> Array<T> list_at(Array<T> const& a, AxisSet along, Index const* at) {
    Array<T> out{a.data, {}, {}};
    for (std::size_t i = 0; i < a.shape.size(); ++i) {
        out.data += at[i] * a.strides[i];
        if (along.has(i)) out.shape.push_back(a.shape[i]), out.strides.push_back(a.strides[i]);
    }
    return out;
}

/// How long each list is, where they lie one behind the other in memory; 0 where they do not.
Index length_of_rows(Shape const&, Strides const&, AxisSet along);
/// Are there numbers in the lists, and so few that they go side by side?
bool are_short(Shape const&, AxisSet along);

/// One number for each list of an array of this shape.
template <class T> Array<T> one_for_each(T* data, Shape const& shape, AxisSet along) {
    Shape const ones = reduced_shape(shape, along, Reduced::keep);
    return {data, ones, row_major(ones)};
}

/// The numbers of a list: in place if they are contiguous, else in `memory`.
template <Real T> std::span<T const> numbers_of(Array<T const> const& list, std::vector<T>& memory) {
    auto const n = static_cast<std::size_t>(count(list.shape));
    if (is_contiguous(list.shape, list.strides)) return {list.data, n};
    memory.resize(n);
    copy<T>({memory.data(), list.shape, row_major(list.shape)}, list);
    return memory;
}

/// With the axes along the lists behind the others.
template <class T> Array<T> lists_last(Array<T> const& a, AxisSet along) {
    return with_axes_first(a, AxisSet{~along.bits});
}

/// Lists one behind the other: in place, or in `memory`.
template <Real T> T const* list_after_list(Array<T const> const& a, AxisSet along, std::vector<T>& memory) {
    if (length_of_rows(a.shape, a.strides, along) > 0) return a.data;
    Array<T const> const from = lists_last(a, along);
    memory.resize(static_cast<std::size_t>(count(a.shape)));
    copy<T>({memory.data(), from.shape, row_major(from.shape)}, from);
    return memory.data();
}

/// Would registers with a list in each lane be so empty that lists one by one take less?
template <Real T> bool are_few(Shape const& y, AxisSet along) {
    return 4 * count(reduced_shape(y, along, Reduced::drop)) <= static_cast<Index>(Lanes<T>::size);
}

/// Calls `f(y, x...)` for lists of y and x, to fill those of y: with spans of numbers, or of registers where lists are short and many, if
/// `registers` says that f takes those.
template <bool registers = true, Real T, class F, class... X>
void fill_lists(AxisSet along, Array<T> const& y, WriteMode fill, F f, X const&... x) {
    if (count(y.shape) == 0) return;  // of lists without numbers there may be any number
    if constexpr (registers)
        if (!are_few<T>(y.shape, along) && (are_short(y.shape, along) && ... && are_short(x.shape, along)))
            return in_lanes(along, y, fill, f, x...);
    thread_local std::vector<T> memory[sizeof...(X)], y_memory;  // kept, so that a loop does not allocate
    Index const lists = count(reduced_shape(y.shape, along, Reduced::drop)), n = lists > 0 ? count(y.shape) / lists : 0;
    bool const in_place = fill == WriteMode::assign && length_of_rows(y.shape, y.strides, along) > 0;
    if (!in_place) y_memory.resize(static_cast<std::size_t>(count(y.shape)));
    T* const ys = in_place ? y.data : y_memory.data();
    [&]<std::size_t... K>(std::index_sequence<K...>) {
        T const* const from[]{list_after_list(Array<T const>(x), along, memory[K])...};
        Index const length[]{lists > 0 ? count(x.shape) / lists : 0 ...};
        for (Index r = 0; r < lists; ++r)
            f(std::span<T>(ys + r * n, static_cast<std::size_t>(n)),
              std::span<T const>(from[K] + r * length[K], static_cast<std::size_t>(length[K]))...);
    }
    (std::index_sequence_for<X...>{});
    Array<T> const to = lists_last(y, along);
    if (!in_place) copy<T>(to, {ys, to.shape, row_major(to.shape)}, fill);
}

/// An operation that makes one number of each list.  `Op` declares, beside name, about and examples,
///     value       value(x): the number
///     pull        pull(dx, g, y, x): writes to dx the adjoint of the list x, of which y was made, given that of y
/// in templates of what lists are made of, a Numeric.
template <class Op> struct Reducing {
    AxisSet along;
    Reduced reduced = Reduced::drop;

    static constexpr Signature signature = "[...] -> [?]";
    Shape result(std::span<Window const* const> xs) const { return reduced_shape(xs[0]->shape, along, reduced); }
    std::vector<Equation> arguments() const { return {text(along)}; }

    template <Real T> void f(Array<T> y, Array<T const> x) const {
        fill_lists(
            along, one_for_each(y.data, x.shape, along), WriteMode::assign,
            [&](auto ys, auto xs) { ys[0] = op().value(xs); }, x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx, WriteMode fill) {
            fill_lists(
                along, dx, fill, [&](auto dxs, auto gs, auto ys, auto xs) { op().pull(dxs, gs[0], ys[0], xs); },
                one_for_each(g.data, x.shape, along), one_for_each(y.data, x.shape, along), x);
        }};
    }

private:
    Op const& op() const { return static_cast<Op const&>(*this); }
};

/// An operation that makes of each list another.  `Op` declares, beside name, about and examples,
///     map         map(y, x): writes y
///     pull        pull(dx, g, y, x): writes dx; x, or y and x, may be missing
/// in templates of what lists are made of, a Numeric; or, where it says `by_itself`, of the element type, a Real.
template <class Op> struct Mapping {
    AxisSet along;

    static constexpr Signature signature = "[...] -> [...]";
    static constexpr bool by_itself      = false;
    std::vector<Equation> arguments() const { return {text(along)}; }

    template <Real T> void f(Array<T> y, Array<T const> x) const {
        fill_lists<!Op::by_itself>(
            along, y, WriteMode::assign, [&](auto ys, auto xs) { op().map(ys, xs); }, x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx, WriteMode fill) {
            std::span<T> const d;
            std::span<T const> const c;
            auto const pull = [&](auto const&... used) {
                fill_lists<!Op::by_itself>(
                    along, dx, fill, [&](auto dxs, auto... lists) { op().pull(dxs, lists...); }, used...);
            };
            if constexpr (requires { op().pull(d, c); }) pull(g);
            else if constexpr (requires { op().pull(d, c, c); }) pull(g, y);
            else pull(g, y, x);
        }};
    }

private:
    Op const& op() const { return static_cast<Op const&>(*this); }
};

/// Calls an operation that is made of its axes first.
template <class Op, class... Rest> Var call_along(Argument const& x, Axes const& axes, Where where, Rest... rest) {
    return call_on(x, Op::name, where, [&](Var const& v) { return Op{{axis_set(v, Op::name, axes, where)}, rest...}; });
}
template <class Op, class... Rest>
Var call_reducing(Argument const& x, Axes const& axes, Reduced reduced, Where where, Rest... rest) {
    return call_on(x, Op::name, where, [&](Var const& v) {
        return Op{{axis_set(v, Op::name, axes, where), reduced}, rest...};
    });
}

}  // namespace unspool::core
