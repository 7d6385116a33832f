// A view as a copy of its own: the plain reading that the walks over strides are compared with.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// Records the elements that `part` shows as a node of their own, element by element.
Var copied(Tape&, Window const& part);

/// None of what makes the engine fast: what all of it is compared with.
inline Mechanisms no_mechanisms() { return {false, false, false, false, copied}; }

}  // namespace unspool::core

namespace unspool {

using core::no_mechanisms;

}  // namespace unspool
