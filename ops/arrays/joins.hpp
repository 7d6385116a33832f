// The joining and repeating of arrays, which copies.  An axis may be negative: it counts from the last.
#pragma once
#include <array>
#include <span>
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <vector>

namespace unspool::core {

/// The same value with contiguous elements: a copy, unless they are.
Var contiguous(Var x, Where = Where::here());
/// The same value with rows in one stride, as products take them: a copy, unless they are.
Var with_regular_rows(Var x, Where);

/// Arrays of one shape along a new axis.
Var stack(std::span<Var const> xs, Index axis = 0, Where = Where::here());
/// Arrays that differ at most along one axis, end to end along it.
Var concat(std::span<Var const> xs, Index axis = 0, Where = Where::here());
inline Var stack(std::initializer_list<Var> xs, Index axis = 0, Where where = Where::here()) {
    return stack(std::span(xs.begin(), xs.size()), axis, where);
}
inline Var concat(std::initializer_list<Var> xs, Index axis = 0, Where where = Where::here()) {
    return concat(std::span(xs.begin(), xs.size()), axis, where);
}

/// x so many times, end to end along an axis.
Var repeat(Argument x, Index times, Index axis, Where = Where::here());

/// x, repeated along axes of size 1 and new leading ones.  ShapeError if x does not fit the shape.
Var broadcast_to(Argument x, Shape const&, Where = Where::here());
/// `before` and `after` elements of `value` around those of an axis.
Var pad(Argument x, Index axis, Index before, Index after, double value = 0, Where = Where::here());
/// The elements of an axis `shift` places on, or back where it is negative; what leaves one end enters at the other.
Var roll(Argument x, Index shift, Index axis, Where = Where::here());

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
    static constexpr auto name = "copy";
    static constexpr About about{"x, contiguous in memory", "g", "Var y = contiguous(transpose(x));",
                                 "nothing is copied if it is so already"};
    static constexpr Signature signature = "[...] -> [...]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=] { return g; }};
    }
};

struct Stack {
    std::size_t axis;

    static constexpr auto name  = "stack";
    static constexpr bool joins = true;
    static constexpr About about{"arrays of one shape along a new axis", "each x gets its part of g",
                                 "Var y = stack({x, x}, 1);", "ShapeError if the shapes differ"};
    static constexpr Signature signature = "[...]+ -> [?]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, std::span<Array<T const> const> xs) const {
        Array<T> to      = at(y, axis, 0);
        Index const step = y.strides[axis];
        for (auto& x : xs) copy<T>(to, x), to.data += step;
    }
    template <Real T>
    Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const>) const {
        return at(g, axis, static_cast<Index>(k));
    }
    std::vector<Equation> arguments() const { return {"axis " + std::to_string(axis)}; }
};

struct Concat {
    std::size_t axis;

    static constexpr auto name  = "concat";
    static constexpr bool joins = true;
    static constexpr About about{"arrays end to end along an axis", "each x gets its part of g",
                                 "Var y = concat({x, x}, -1);", "ShapeError if the shapes differ along another axis"};
    static constexpr Signature signature = "[?]+ -> [?]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, std::span<Array<T const> const> xs) const {
        Index begin = 0;
        for (auto& x : xs) copy<T>(part(y, axis, begin, x.shape[axis]), x), begin += x.shape[axis];
    }
    template <Real T>
    Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const> xs) const {
        Index begin = 0;
        for (auto& x : xs.first(k)) begin += x.shape[axis];
        return part(g, axis, begin, xs[k].shape[axis]);
    }
    std::vector<Equation> arguments() const { return {"axis " + std::to_string(axis)}; }
};

struct BroadcastTo {
    Shape shape;

    static constexpr auto name = "broadcast_to";
    static constexpr About about{"x, repeated along axes of size 1 and new leading ones",
                                 "the sum of g over the repetitions", "Var y = broadcast_to(x, {4, 3, 3});",
                                 "terms broadcast by themselves; ShapeError if x does not fit the shape"};
    static constexpr Signature signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const>) const { return shape; }
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, repeated(x)); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { copy<T>(repeated(dx), g, WriteMode::add); }};
    }
    std::vector<Equation> arguments() const { return {text(shape)}; }

private:
    template <class T> Array<T> repeated(Array<T> const& x) const {
        return {x.data, shape, broadcast_strides(x.shape, x.strides, shape)};
    }
};

struct Repeat {
    std::size_t axis;
    Index times;

    static constexpr auto name = "repeat";
    static constexpr About about{"x so many times, end to end along an axis", "the sum of all parts of g",
                                 "Var y = repeat(x, 3, 0);", "ValueError unless it is at least once"};
    static constexpr Signature signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const {
        for (Index k = 0; k < times; ++k) copy<T>(piece_of(y, x, k), x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx) {
            for (Index k = 0; k < times; ++k) copy<T>(dx, piece_of(g, x, k), WriteMode::add);
        }};
    }
    std::vector<Equation> arguments() const {
        return {Equation::number(static_cast<double>(times)), "axis " + std::to_string(axis)};
    }

private:
    template <class T, class X> Array<T> piece_of(Array<T> const& all, X const& x, Index k) const {
        return part(all, axis, k * x.shape[axis], x.shape[axis]);
    }
};

struct Roll {
    std::size_t axis;
    Index shift;  // in [0, size), or 0

    static constexpr auto name = "roll";
    static constexpr About about{"x moved so many places along an axis, the last ones to its beginning",
                                 "g, moved back", "Var y = roll(x, 1, 0);", "a negative shift goes the other way"};
    static constexpr Signature signature = "[...] -> [...]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const { move<T>(y, x, shift, WriteMode::assign); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx, WriteMode fill) { move<T>(dx, g, x.shape[axis] - shift, fill); }};
    }
    std::vector<Equation> arguments() const {
        return {Equation::number(static_cast<double>(shift)), "axis " + std::to_string(axis)};
    }

private:
    template <Real T> void move(Array<T> const& to, Array<T const> const& from, Index by, WriteMode fill) const {
        Index const n = from.shape[axis];
        copy<T>(part(to, axis, by, n - by), part(from, axis, 0, n - by), fill);
        copy<T>(part(to, axis, 0, by), part(from, axis, n - by, by), fill);
    }
};

struct Pad {
    std::size_t axis;
    Index before, after;
    double value;

    static constexpr auto name = "pad";
    static constexpr About about{"x between elements of one value, 0 by default", "the part of g where x is",
                                 "Var y = pad(x, 0, 2, 1);", "ValueError if there are fewer than 0 before or after"};
    static constexpr Signature signature = "[?] -> [?]";
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const {
        std::fill_n(y.data, count(y.shape), static_cast<T>(value));
        copy<T>(part(y, axis, before, x.shape[axis]), x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this] { return part(g, axis, before, x.shape[axis]); }};
    }
    std::vector<Equation> arguments() const;
};

}  // namespace unspool::core

namespace unspool {

using core::broadcast_to, core::concat, core::contiguous, core::pad, core::repeat, core::roll, core::stack;

}  // namespace unspool
