// Views, which cost nothing, and the joining of arrays, which copies.  An axis may be negative: it counts from the last.
#pragma once
#include <array>
#include <span>
#include <tuple>
#include <unspool/autograd/about.hpp>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>
#include <unspool/autograd/statement.hpp>
#include <vector>

namespace unspool {

// ---- views: another reading of the same numbers, without a node -------------------------------------------------------

struct Slice {
    static constexpr auto       name = "slice";
    static constexpr About      about{"part [begin, end) of an axis, or every n-th of it: a view", "g goes to the part",
                                 "Var y = slice(x, 1, 0, -1);",
                                 "negative ends count from the end of the axis; IndexError where it is not there"};
    static std::vector<Example> examples();
};
Var slice(Var x, Index axis, Index begin, Index end, Where = Where::here());
/// Every `step`-th from `begin` on, for step ≥ 1: a view.
Var slice(Var x, Index axis, Index begin, Index end, Index step, Where = Where::here());

struct AtIndex {
    static constexpr auto       name = "index";
    static constexpr About      about{"one index of an axis, which is dropped: a view", "g goes to the part", "Var y = x[-1];",
                                 "x[i] is index(x, 0, i); IndexError where it is not there"};
    static std::vector<Example> examples();
};
Var index(Var x, Index axis, Index i, Where = Where::here());

struct Split {
    static constexpr auto       name = "split";
    static constexpr About      about{"n equal pieces of an axis, the last one by default: views", "each g goes to its piece",
                                 "auto [i, f, g] = split<3>(x);", "ShapeError if n does not divide the size"};
    static std::vector<Example> examples();
};
/// Number `i` of the `n` pieces.
Var                                         piece(Var x, Index i, Index n, Index axis = -1, Where = Where::here());
template <std::size_t N> std::array<Var, N> split(Var x, Index axis = -1, Where where = Where::here()) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return std::array<Var, N>{piece(x, Index{I}, Index{N}, axis, where)...}; }
    (std::make_index_sequence<N>{});
}
std::vector<Var> split(Var x, Index n, Index axis = -1, Where = Where::here());

struct Chunk {
    static constexpr auto       name = "chunk";
    static constexpr About      about{"n pieces of an axis, of which the last may be smaller or missing: views", "each g goes to its piece",
                                 "std::vector<Var> ys = chunk(x, 2, 0);", "ValueError unless n is at least 1"};
    static std::vector<Example> examples();
};
std::vector<Var> chunk(Var x, Index n, Index axis = -1, Where = Where::here());

struct Reshape {
    static constexpr auto       name = "reshape";
    static constexpr About      about{"the same numbers in the same order in another shape: a view, or a copy if x is not contiguous",
                                 "g in the shape of x", "Var y = reshape(x, {1, -1});",
                                 "one size may be -1: it is found from the others; ShapeError if the numbers do not fit"};
    static std::vector<Example> examples();
};
Var reshape(Var x, Shape shape, Where = Where::here());

struct Transpose {
    static constexpr auto  name = "transpose";
    static constexpr About about{"the axes in another order, or all reversed: a view", "g with its axes put back", "Var y = transpose(x);",
                                 "ShapeError unless each axis is named once; permute(x, axes) is the same"};
    static std::vector<Example> examples();
};
Var        transpose(Var x, Where = Where::here());
Var        transpose(Var x, Dims const& axes, Where = Where::here());
inline Var permute(Var x, Dims const& axes, Where where = Where::here()) { return transpose(x, axes, where); }

struct Squeeze {
    static constexpr auto       name = "squeeze";
    static constexpr About      about{"without some axes of size 1, or without all of them: a view", "g with the axes",
                                 "Var y = squeeze(sum(x, 0, Reduced::keep), 0);", "ShapeError if one of the axes has another size"};
    static std::vector<Example> examples();
};
Var squeeze(Var x, Axes const& = {}, Where = Where::here());

struct Unsqueeze {
    static constexpr auto       name = "unsqueeze";
    static constexpr About      about{"with a new axis of size 1: a view", "g without the axis", "Var y = unsqueeze(x, 0);",
                                 "the axis is counted in the result"};
    static std::vector<Example> examples();
};
Var unsqueeze(Var x, Index axis, Where = Where::here());

struct Flip {
    static constexpr auto       name = "flip";
    static constexpr About      about{"an axis from its end to its beginning: a view", "g, flipped", "Var y = flip(x, 0);"};
    static std::vector<Example> examples();
};
Var flip(Var x, Index axis, Where = Where::here());

// ---- copies ---------------------------------------------------------------------------------------------------------

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

/// x so many times, end to end along an axis.
Var repeat(Argument x, Index times, Index axis, Where = Where::here());

Var broadcast_to(Argument x, Shape const&, Where = Where::here());
/// `before` and `after` elements of `value` around those of an axis.
Var pad(Argument x, Index axis, Index before, Index after, double value = 0, Where = Where::here());

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
    static constexpr auto       name = "copy";
    static constexpr About      about{"x, contiguous in memory", "g", "Var y = contiguous(transpose(x));",
                                 "nothing is copied if it is so already"};
    static constexpr Signature  signature = "[...] -> [...]";
    static std::vector<Example> examples();
    template <Real T> void      f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
             return std::tuple{[=] { return g; }};
    }
};

struct Stack {
    std::size_t axis;

    static constexpr auto       name  = "stack";
    static constexpr bool       joins = true;
    static constexpr About      about{"arrays of one shape along a new axis", "each x gets its part of g", "Var y = stack({x, x}, 1);",
                                 "ShapeError if the shapes differ"};
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

    static constexpr auto       name  = "concat";
    static constexpr bool       joins = true;
    static constexpr About      about{"arrays end to end along an axis", "each x gets its part of g", "Var y = concat({x, x}, -1);",
                                 "ShapeError if the shapes differ along another axis"};
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

struct BroadcastTo {
    Shape shape;

    static constexpr auto       name = "broadcast_to";
    static constexpr About      about{"x, repeated along axes of size 1 and new leading ones", "the sum of g over the repetitions",
                                 "Var y = broadcast_to(x, {4, 3, 3});",
                                 "terms broadcast by themselves; ShapeError if x does not fit the shape"};
    static constexpr Signature  signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const>) const { return shape; }
    template <Real T> void      f(Array<T> y, Array<T const> x) const { copy<T>(y, repeated(x)); }
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
             return std::tuple{[=, this](Array<T> dx) { copy<T>(repeated(dx), g, Fill::add); }};
    }
    std::string arguments() const { return text(shape); }

private:
    template <class T> Array<T> repeated(Array<T> const& x) const { return {x.data, shape, broadcast_strides(x.shape, x.strides, shape)}; }
};

struct Repeat {
    std::size_t axis;
    Index       times;

    static constexpr auto       name = "repeat";
    static constexpr About      about{"x so many times, end to end along an axis", "the sum of all parts of g", "Var y = repeat(x, 3, 0);",
                                 "ValueError unless it is at least once"};
    static constexpr Signature  signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, Array<T const> x) const {
             for (Index k = 0; k < times; ++k) copy<T>(piece_of(y, x, k), x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx) {
            for (Index k = 0; k < times; ++k) copy<T>(dx, piece_of(g, x, k), Fill::add);
        }};
    }
    std::string arguments() const { return std::to_string(times) + ", axis " + std::to_string(axis); }

private:
    template <class T, class X> Array<T> piece_of(Array<T> const& all, X const& x, Index k) const {
        return part(all, axis, k * x.shape[axis], x.shape[axis]);
    }
};

struct Pad {
    std::size_t axis;
    Index       before, after;
    double      value;

    static constexpr auto  name = "pad";
    static constexpr About about{"x between elements of one value, 0 by default", "the part of g where x is", "Var y = pad(x, 0, 2, 1);",
                                 "ValueError if there are fewer than 0 before or after"};
    static constexpr Signature  signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, Array<T const> x) const {
             std::fill_n(y.data, count(y.shape), static_cast<T>(value));
             copy<T>(part(y, axis, before, x.shape[axis]), x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this] { return part(g, axis, before, x.shape[axis]); }};
    }
    std::string arguments() const;
};

}  // namespace unspool
