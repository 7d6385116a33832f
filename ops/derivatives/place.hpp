// What a view does, backwards: arrays put into their places in an array of zeros, and added up where places overlap.
#pragma once
#include <span>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// A place in a contiguous array, in elements.
struct Placement {
    Index offset;
    Shape shape;
    Strides strides;
};

/// Where a window lies in its node's value.
Placement placement_of(Tape const&, Window const&);
/// What lies there in a Var of the node's shape: a view.
Var taken(Var x, Placement const&);
/// Zeros of a shape, but for the sum of these in their places.
Var placed(Tape&, Shape const& whole, std::span<Var const>, std::span<Placement const>, Where);

}  // namespace unspool::core
