// Rows of a matrix by number.
#pragma once
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>
#include <unspool/autograd/indices.hpp>

namespace unspool {

/// Rows of a table [v,d] by number, as an array of the numbers' shape and one axis more.
struct GatherRows {
    Indices rows;

    static constexpr auto       name      = "embedding";
    static constexpr Signature  signature = "[v,d] -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, Array<T const> table) const;
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
             return std::tuple{[=, this](Array<T> dtable) { scatter<T>(dtable, as_matrix(g)); }};
    }
    template <Real T> void scatter(Array<T> dtable, Array<T const> g) const;  ///< adds row i of g to the row that number i names
};

/// Rows of `table` [v,d] by number.  `rows` is an xtensor array or a range of integers; the result has its shape and the
/// axis d.  IndexError where a number is not that of a row.
Var                           embedding(Tape&, Argument table, Indices const& rows, Where = Where::here());
template <IntegerArray X> Var embedding(Tape& tape, Argument table, X const& rows, Where where = Where::here()) {
    return embedding(tape, table, indices(tape, rows), where);
}

}  // namespace unspool
