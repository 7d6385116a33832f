// Elements by number.
#pragma once
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/ops/arrays/indices.hpp>

namespace unspool::core {

/// Rows of a table [v,d] by number, as an array of the numbers' shape and one axis more.
struct GatherRows {
    Indices rows;

    static constexpr auto name           = "embedding";
    static constexpr Signature signature = "[v,d] -> [?]";
    static constexpr About about{
        "rows of a table [v, d] by number", "g is added to the rows that were used, and to no other",
        "Var y = embedding(tape, W, std::array{1, 0, 1});", "IndexError where a number is not that of a row"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> table) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dtable) { scatter<T>(dtable, g); }};
    }
    template <Real T>
    void scatter(Array<T> dtable, Array<T const> g) const;  ///< adds row i of g to the row that number i names
};

/// Rows of `table` [v,d] by number.  `rows` is an xtensor array or a range of integers; the result has its shape and the
/// axis d.  IndexError where a number is not that of a row.
Var embedding(Tape&, Argument table, Indices const& rows, Where = Where::here());
template <IntegerArray X> Var embedding(Tape& tape, Argument table, X const& rows, Where where = Where::here()) {
    return embedding(tape, table, indices(tape, rows), where);
}

struct GatherElements {
    Indices at;  // of x's rank
    std::size_t axis;
    Shape shape;  // of the result

    static constexpr auto name           = "gather";
    static constexpr Signature signature = "[?] -> [?]";
    static constexpr About about{"at each place, the element that a number names along an axis",
                                 "g is added to the elements used", "Var y = gather(x, argmax(x, 0), 0);",
                                 "IndexError where a number is not within the axis"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const>) const { return shape; }
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { scatter<T>(dx, g); }};
    }
    template <Real T> void scatter(Array<T> dx, Array<T const> g) const;  ///< contiguous, added to the elements used
    std::vector<Equation> arguments() const { return {"axis " + std::to_string(axis)}; }

private:
    template <class F> void each_source(Strides const& strides, F f) const;
};

/// Elements of x along an axis by number: `numbers` has x's sizes along the other axes, and any along this one, or lacks
/// it, as what argmax gives.  The result has the shape of the numbers.  ShapeError where they do not fit, IndexError where
/// a number is not within the axis.
Var gather(Argument x, Indices const& numbers, Index axis = -1, Where = Where::here());
template <IntegerArray X> Var gather(Argument x, X const& numbers, Index axis = -1, Where where = Where::here()) {
    return gather(x, indices(common_tape({&x, 1}, GatherElements::name, where), numbers), axis, where);
}

struct OneHot {
    static constexpr auto name = "one_hot";
    static constexpr About about{"1 at each number along a new last axis, else 0: a constant", "none",
                                 "Var y = one_hot(tape, std::array{2, 0}, 3);",
                                 "IndexError where a number is not in [0, classes)"};
    static std::vector<Example> examples();
};
Var one_hot(Tape&, Indices const& numbers, Index classes, Where = Where::here());
template <IntegerArray X> Var one_hot(Tape& tape, X const& numbers, Index classes, Where where = Where::here()) {
    return one_hot(tape, indices(tape, numbers), classes, where);
}

}  // namespace unspool::core

namespace unspool {

using core::embedding, core::gather, core::one_hot;

}  // namespace unspool
