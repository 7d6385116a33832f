// From many numbers to one, over all axes or over some: `max(x)`, `sum(x * y, 0)`, `mean(x, {0, -1}, Reduced::keep)`.  An
// axis that the array has not, or that is named twice, is an IndexError.
#pragma once
#include <concepts>
#include <span>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/ops/arrays/indices.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

struct Sum {
    static constexpr auto name = "sum";
    static constexpr About about{"Σ x", "1", "Var y = sum(x, 0);",
                                 "0 of no elements; any term is summed as it is computed"};
    static constexpr auto kind = Reduction::sum;
    static std::vector<Example> examples();
};
template <Symbolic E>
auto sum(E const& e, Axes const& axes = {}, Reduced how = Reduced::drop, Where where = Where::here()) {
    return reduced(e, {Sum::kind, axes, how}, where);
}

struct Mean {
    static constexpr auto name = "mean";
    static constexpr About about{"Σ x / n", "1 / n", "Var y = mean(x * x);", "NaN of no elements"};
    static constexpr auto kind = Reduction::mean;
    static std::vector<Example> examples();
};
template <Symbolic E>
auto mean(E const& e, Axes const& axes = {}, Reduced how = Reduced::drop, Where where = Where::here()) {
    return reduced(e, {Mean::kind, axes, how}, where);
}

/// Several Vars, as a scan gives them: they are no term.
template <class L> concept ListOfVars = !Symbolic<L> && std::convertible_to<L const&, std::span<Var const>>;
template <ListOfVars L>
Var sum(L const&, Axes const& = {}, Reduced = {}) = delete;  // of several Vars, write sum(stack(list))
template <ListOfVars L>
Var mean(L const&, Axes const& = {}, Reduced = {}) = delete;  // of several Vars, write mean(stack(list))
template <ListOfVars L>
Var max(L const&, Axes const& = {}, Reduced = {}) = delete;  // of several Vars, write max(stack(list))
template <ListOfVars L>
Var min(L const&, Axes const& = {}, Reduced = {}) = delete;  // of several Vars, write min(stack(list))

struct Prod : Reducing<Prod> {
    static constexpr auto name = "prod";
    static constexpr About about{"Π x", "the product of all others", "Var y = prod(x, -1);",
                                 "1 of no elements; right where x has zeros"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var prod(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

struct Max : Reducing<Max> {
    static constexpr auto name = "max";
    static constexpr About about{"the largest of x", "1 at the largest", "Var y = max(x, -1);",
                                 "ValueError of no elements; NaN if there is one", "among k equal ones: 1/k for each"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var max(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

struct Min : Reducing<Min> {
    static constexpr auto name = "min";
    static constexpr About about{"the smallest of x", "1 at the smallest", "Var y = min(x);",
                                 "ValueError of no elements; NaN if there is one", "among k equal ones: 1/k for each"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var min(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

struct ArgMax {
    static constexpr auto name = "argmax";
    static constexpr About about{"where the largest of x is: the first, if several are equal",
                                 "none: the result is integers", "Indices i = argmax(x);",
                                 "ValueError of no elements; the first NaN, if there is one"};
    static std::vector<Example> examples();
};
/// Places along one axis, in the memory of x's tape: what `gather`, `embedding` and `one_hot` take.
Indices argmax(Argument x, Index axis = -1, Where = Where::here());

struct Norm2 : Reducing<Norm2> {
    static constexpr auto name = "norm2";
    static constexpr About about{"√Σ x²", "x / y", "Var y = norm2(x);", "without overflow on the way; 0 of no elements",
                                 "where all of x is 0: 0"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Numeric N> N value(std::span<N const> x) const;
    template <Numeric N> void pull(std::span<N> dx, N g, N y, std::span<N const> x) const;
};
Var norm2(Argument x, Axes const& = {}, Reduced = Reduced::drop, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::argmax, core::max, core::mean, core::min, core::norm2, core::prod, core::sum;

}  // namespace unspool
