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
/// IndexError for an axis that the array has not.
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
/// Lists one behind the other.
template <class T> struct ListRows {
    T* data;
    Index n;
    ListRows(Array<T> const& a, AxisSet along) : data(a.data), n(length_of_rows(a.shape, a.strides, along)) {}
    std::span<T> operator[](Index row) const { return {data + row * n, static_cast<std::size_t>(n)}; }
};

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

/// Lets `f` fill contiguous numbers, of which those of the list are made, or to which they are added.
template <Real T, class F> void write_list(Array<T> const& list, WriteMode fill, std::vector<T>& memory, F&& f) {
    auto const n = static_cast<std::size_t>(count(list.shape));
    if (fill == WriteMode::assign && is_contiguous(list.shape, list.strides)) return f(std::span<T>(list.data, n));
    memory.resize(n);
    f(std::span<T>(memory));
    copy<T>(list, {memory.data(), list.shape, row_major(list.shape)}, fill);
}

/// Calls `f(y, x...)` for lists of y and x, to fill those of y: with spans of numbers, or of registers where lists are short, if
/// `registers` says that f takes those.
template <bool registers = true, Real T, class F, class... X>
void fill_lists(AxisSet along, Array<T> const& y, WriteMode fill, F f, X const&... x) {
    if constexpr (registers)
        if ((are_short(y.shape, along) && ... && are_short(x.shape, along))) return in_lanes(along, y, fill, f, x...);
    auto const by_rows = [&](auto const& to, auto const&... from) {
        if (to.n == 0 || (... || (from.n == 0))) return false;
        Index const lists = count(reduced_shape(y.shape, along, Reduced::drop));
        for (Index r = 0; r < lists; ++r) f(to[r], from[r]...);
        return true;
    };
    if (fill == WriteMode::assign && by_rows(ListRows(y, along), ListRows(x, along)...)) return;
    thread_local std::vector<T> memory[sizeof...(X)], y_memory;
    each_list(y.shape, along, [&](Index const* at) {
        write_list(list_at(y, along, at), fill, y_memory, [&](std::span<T> ys) {
            auto another = [&, k = std::size_t{0} ]() mutable -> auto& { return memory[k++]; };
            f(ys, numbers_of(list_at(x, along, at), another())...);
        });
    });
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
