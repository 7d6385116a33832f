// Shapes on the way back: what was broadcast is summed, and what was reduced is spread.
#pragma once
#include <unspool/autograd/statement/statement.hpp>
#include <unspool/ops/arrays/axis_set.hpp>

namespace unspool::core {

/// x in this shape: summed over the axes along which that was broadcast, repeated along those where x itself is shorter.
Var fitted(Var x, Shape const&);
/// The adjoint of a reduction over some axes of `loop` with those axes again, of size 1.
Var spread(Var g, Reduction const&, Shape const& loop);
/// What reduces some axes of an array of this shape, with those axes again, of size 1.
Var with_axes(Var reduced, Shape const&, AxisSet along);
Axes axes_of(AxisSet);

}  // namespace unspool::core
