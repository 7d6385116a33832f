// Sums and means of terms: one node, however long the term.
#pragma once
#include <unspool/autograd/example.hpp>
#include <unspool/autograd/statement.hpp>

namespace unspool {

struct Sum {
    static constexpr auto       name = "sum";
    static constexpr auto       kind = Reduction::sum;
    static std::vector<Example> examples();
};

struct Mean {
    static constexpr auto       name = "mean";
    static constexpr auto       kind = Reduction::mean;
    static std::vector<Example> examples();
};

/// The sum over all axes, or over some: `sum(x)`, `sum(x * y, 0)`, `sum(x, {0, -1}, Reduced::keep)`.
template <Term E> Var sum(E const& e, Axes const& axes = {}, Reduced reduced = Reduced::drop, Where where = Where::here()) {
    return record(e, {Sum::kind, axes, reduced}, where);
}

/// The mean over all axes, or over some; of no elements it is NaN.
template <Term E> Var mean(E const& e, Axes const& axes = {}, Reduced reduced = Reduced::drop, Where where = Where::here()) {
    return record(e, {Mean::kind, axes, reduced}, where);
}

}  // namespace unspool
