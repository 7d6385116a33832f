// What a view does, backwards: arrays put into their places in an array of zeros, and added up where places overlap.
#pragma once
#include <span>
#include <unspool/ops/arrays/joins.hpp>

namespace unspool::core {

/// A place in a contiguous array, in elements.
struct Placement {
    Index offset;
    Shape shape;
    Strides strides;
};

struct Place {
    Shape whole;
    std::span<Placement const> placements;  // one an operand

    static constexpr auto name           = "place";
    static constexpr Signature signature = "[?]+ -> [?]";
    Shape result(std::span<Window const* const>) const { return whole; }
    template <Real T> void f(Array<T> y, std::span<Array<T const> const> xs) const {
        std::fill_n(y.data, count(y.shape), T(0));
        for (std::size_t k = 0; k < xs.size(); ++k) copy<T>(part_of(y, k), xs[k], WriteMode::add);
    }
    template <Real T>
    Array<T const> adjoint(std::size_t k, Array<T const> g, Array<T const>, std::span<Array<T const> const>) const {
        return part_of(g, k);
    }
    Var gradient(std::size_t k, Var g, Var, std::span<Var const>) const;

private:
    template <class T> Array<T> part_of(Array<T> const& a, std::size_t k) const {
        return {a.data + placements[k].offset, placements[k].shape, placements[k].strides};
    }
};

/// Where a window lies in its node's value.
Placement placement_of(Tape const&, Window const&);
/// What lies there in a Var of the node's shape: a view.
Var taken(Var x, Placement const&);
/// Zeros of a shape, but for the sum of these in their places.
Var placed(Tape&, Shape const& whole, std::span<Var const>, std::span<Placement const>, Where);

}  // namespace unspool::core
