// Sums and means of terms: one node, however long the term.
#pragma once
#include <unspool/autograd/statement.hpp>

namespace unspool {

/// The sum over all axes, or over some: `sum(x)`, `sum(x * y, 0)`, `sum(x, {0, -1}, Reduced::keep)`.
template <Term E> Var sum(E const& e, Axes const& axes = {}, Reduced reduced = Reduced::drop, Where where = Where::here()) {
    return record(e, {Reduction::sum, axes, reduced}, where);
}

/// The mean over all axes, or over some; of no elements it is NaN.
template <Term E> Var mean(E const& e, Axes const& axes = {}, Reduced reduced = Reduced::drop, Where where = Where::here()) {
    return record(e, {Reduction::mean, axes, reduced}, where);
}

}  // namespace unspool
