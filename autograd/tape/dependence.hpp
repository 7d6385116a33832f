// What a value was computed of, whether or not gradients go that way.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// The node in whose value a window lies: its own, or, behind detach(), the one that it was cut from.  no_node for what was computed
/// while recording was paused.
NodeId holder(Tape const&, Window const&);

/// Was it computed from an input of the tape?  Of what was computed while recording was paused, no one knows: it counts as such.
bool depends_on_inputs(Tape const&, Window const&);

/// TapeError where the tape is sealed, and the value is not the same whatever the inputs are.
void require_constant(Tape const&, Window const&, Where);

}  // namespace unspool::core
