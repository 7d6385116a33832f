// Views, which cost nothing, and the joining of arrays, which copies.  An axis may be negative: it counts from the last.
#pragma once
#include <array>
#include <span>
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>
#include <vector>

namespace unspool {

/// Part `[begin, end)` of an axis: a view.  Negative ends count from the end of the axis.  IndexError where it is not there.
Var slice(Var x, Index axis, Index begin, Index end, Where = Where::here());

/// One index of an axis, which is dropped: a view.  `x[i]` is index(x, 0, i).
Var index(Var x, Index axis, Index i, Where = Where::here());

/// Number `i` of `n` equal pieces of an axis: a view.  ShapeError if `n` does not divide its size.
Var piece(Var x, Index i, Index n, Index axis = -1, Where = Where::here());

/// All the pieces: `auto [i, f, g, o] = split<4>(z);`.
template <std::size_t N> std::array<Var, N> split(Var x, Index axis = -1, Where where = Where::here()) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return std::array<Var, N>{piece(x, Index{I}, Index{N}, axis, where)...}; }
    (std::make_index_sequence<N>{});
}
std::vector<Var> split(Var x, Index n, Index axis = -1, Where = Where::here());

/// The elements in the same order in another shape, of which one size may be -1 (found from the others).  A view, unless
/// the elements are not contiguous: then a copy.
Var reshape(Var x, Shape shape, Where = Where::here());

/// The axes in another order (all reversed if none is given): a view.
Var transpose(Var x, Where = Where::here());
Var transpose(Var x, Dims const& axes, Where = Where::here());

/// The same value with contiguous elements: a copy, unless they are.
Var contiguous(Var x, Where = Where::here());

/// Arrays of one shape along a new axis.
Var stack(std::span<Var const> xs, Index axis = 0, Where = Where::here());
/// Arrays that differ at most along one axis, end to end along it.
Var        concat(std::span<Var const> xs, Index axis = 0, Where = Where::here());
inline Var stack(std::initializer_list<Var> xs, Index axis = 0, Where where = Where::here()) {
    return stack(std::span(xs.begin(), xs.size()), axis, where);
}
inline Var concat(std::initializer_list<Var> xs, Index axis = 0, Where where = Where::here()) {
    return concat(std::span(xs.begin(), xs.size()), axis, where);
}

// ---- the operations behind them -------------------------------------------------------------------------------------

/// `[begin, begin + n)` of an axis.
template <class T> Array<T> part(Array<T> a, std::size_t axis, Index begin, Index n) {
    a.data += begin * a.strides[axis];
    a.shape[axis] = n;
    a.reusable    = nullptr;
    return a;
}
/// One index of an axis, which is dropped.
template <class T> Array<T> at(Array<T> const& a, std::size_t axis, Index i) {
    Array<T> out = part(a, axis, i, 1);
    out.shape.erase(axis), out.strides.erase(axis);
    return out;
}

struct Copy {
    static constexpr auto       name      = "copy";
    static constexpr Signature  signature = "[...] -> [...]";
    static std::vector<Example> examples();
    template <Real T> void      f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
             return std::tuple{[=] { return g; }};
    }
};

struct Stack {
    std::size_t axis;

    static constexpr auto       name      = "stack";
    static constexpr Signature  signature = "[...]+ -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, std::span<Array<T const> const> xs) const {
             for (std::size_t k = 0; k < xs.size(); ++k) copy<T>(at(y, axis, static_cast<Index>(k)), xs[k]);
    }
    template <Real T> Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const>) const {
        return at(g, axis, static_cast<Index>(k));
    }
    std::string arguments() const { return "axis " + std::to_string(axis); }
};

struct Concat {
    std::size_t axis;

    static constexpr auto       name      = "concat";
    static constexpr Signature  signature = "[?]+ -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, std::span<Array<T const> const> xs) const {
             Index begin = 0;
             for (auto& x : xs) copy<T>(part(y, axis, begin, x.shape[axis]), x), begin += x.shape[axis];
    }
    template <Real T> Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const> xs) const {
        Index begin = 0;
        for (auto& x : xs.first(k)) begin += x.shape[axis];
        return part(g, axis, begin, xs[k].shape[axis]);
    }
    std::string arguments() const { return "axis " + std::to_string(axis); }
};

}  // namespace unspool
