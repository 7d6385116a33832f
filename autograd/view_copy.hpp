// A view as a copy of its own: the plain reading that the walks over strides are compared with.
#pragma once
#include <unspool/autograd/tape.hpp>

namespace unspool {

/// Records the elements that `part` shows as a node of their own, element by element.
Var copied(Tape&, Window const& part);

}  // namespace unspool
