// Links between the steps of a loop and what stands beside it.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// Says in which row boxes outside of steps stand: above all that they are computed from.  Where two or more steps are linked to one such
/// box, or it to them, those links go along one line beside the steps.
void add_buses(Diagram&);

}  // namespace unspool::core
