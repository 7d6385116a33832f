// Operations on the numbers along some axes of an array: each list of them becomes one number, or a list as long.  An
// operation is written for one list of contiguous numbers; here is what finds the lists, whatever the strides.
#pragma once
#include <cstdint>
#include <span>
#include <tuple>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <vector>

namespace unspool::core {

/// Axes of an array, one bit each.
struct AxisSet {
    std::uint32_t bits = 0;
    bool has(std::size_t axis) const { return (bits >> axis & 1u) != 0; }
};

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
template <class T, class... More> Index length_of_rows(AxisSet along, Array<T> const& a, More const&... more) {
    Index const n = length_of_rows(a.shape, a.strides, along);
    if constexpr (sizeof...(More) > 0) return n > 0 && length_of_rows(along, more...) == n ? n : 0;
    else return n;
}
template <class T> std::span<T> row_of(Array<T> const& a, Index row, Index n) {
    return {a.data + row * n, static_cast<std::size_t>(n)};
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

/// An operation that makes one number of each list.  `Op` declares, beside name, about and examples,
///     value       value(x): the number
///     pull        pull(dx, g, y, x): writes to dx the adjoint of the list x, of which y was made, given that of y
template <class Op> struct Reducing {
    AxisSet along;
    Reduced reduced = Reduced::drop;

    static constexpr Signature signature = "[...] -> [?]";
    Shape result(std::span<Window const* const> xs) const { return reduced_shape(xs[0]->shape, along, reduced); }
    std::vector<Equation> arguments() const { return {text(along)}; }

    template <Real T> void f(Array<T> y, Array<T const> x) const {
        thread_local std::vector<T> memory;
        if (Index const n = length_of_rows(along, x)) {
            for (Index r = 0; r < count(y.shape); ++r) y.data[r] = op().template value<T>(row_of(x, r, n));
            return;
        }
        T* next = y.data;
        each_list(x.shape, along, [&](Index const* at) {
            *next++ = op().template value<T>(numbers_of(list_at(x, along, at), memory));
        });
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx, WriteMode fill) { pull_all<T>(dx, fill, g.data, y.data, x); }};
    }

private:
    Op const& op() const { return static_cast<Op const&>(*this); }

    template <Real T> void pull_all(Array<T> dx, WriteMode fill, T const* g, T const* y, Array<T const> x) const {
        if (Index const n = length_of_rows(along, x, dx); n > 0 && fill == WriteMode::assign) {
            for (Index r = 0; r < count(x.shape) / n; ++r)
                op().template pull<T>(row_of(dx, r, n), g[r], y[r], row_of(x, r, n));
            return;
        }
        thread_local std::vector<T> memory, dx_memory;
        each_list(x.shape, along, [&](Index const* at) {
            auto const xs = numbers_of(list_at(x, along, at), memory);
            write_list(list_at(dx, along, at), fill, dx_memory,
                       [&](std::span<T> d) { op().template pull<T>(d, *g, *y, xs); });
            ++g, ++y;
        });
    }
};

/// An operation that makes of each list another.  `Op` declares, beside name, about and examples,
///     map         map(y, x): writes y
///     pull        pull(dx, g, y, x): writes dx
template <class Op> struct Mapping {
    AxisSet along;

    static constexpr Signature signature = "[...] -> [...]";
    std::vector<Equation> arguments() const { return {text(along)}; }

    template <Real T> void f(Array<T> y, Array<T const> x) const {
        if (Index const n = length_of_rows(along, x, y)) {
            for (Index r = 0; r < count(x.shape) / n; ++r) op().template map<T>(row_of(y, r, n), row_of(x, r, n));
            return;
        }
        thread_local std::vector<T> memory, y_memory;
        each_list(x.shape, along, [&](Index const* at) {
            auto const xs = numbers_of(list_at(x, along, at), memory);
            write_list(list_at(y, along, at), WriteMode::assign, y_memory,
                       [&](std::span<T> ys) { op().template map<T>(ys, xs); });
        });
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const> y, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx, WriteMode fill) { pull_all<T>(dx, fill, g, y, x); }};
    }

private:
    Op const& op() const { return static_cast<Op const&>(*this); }

    template <Real T>
    void pull_all(Array<T> dx, WriteMode fill, Array<T const> g, Array<T const> y, Array<T const> x) const {
        if (Index const n = length_of_rows(along, x, y, g, dx); n > 0 && fill == WriteMode::assign) {
            for (Index r = 0; r < count(x.shape) / n; ++r)
                op().template pull<T>(row_of(dx, r, n), row_of(g, r, n), row_of(y, r, n), row_of(x, r, n));
            return;
        }
        thread_local std::vector<T> memory[3], dx_memory;
        each_list(x.shape, along, [&](Index const* at) {
            auto const gs = numbers_of(list_at(g, along, at), memory[0]),
                       ys = numbers_of(list_at(y, along, at), memory[1]),
                       xs = numbers_of(list_at(x, along, at), memory[2]);
            write_list(list_at(dx, along, at), fill, dx_memory,
                       [&](std::span<T> d) { op().template pull<T>(d, gs, ys, xs); });
        });
    }
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
