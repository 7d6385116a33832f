// Where the arrays of a plan lie in one block of memory: two whose lifetimes do not meet may share a place.
#pragma once
#include <unspool/nn/deploy/step_plan.hpp>

namespace unspool::core {

struct LayoutOptions {
    Index unit       = 1;      ///< places and sizes are multiples of so many elements
    bool values_only = false;  ///< inputs and states lie elsewhere
};

/// Gives each input, state and value its place, and the plan its size.  A part of the next state is computed where the last one lies,
/// and a statement's result where its operand lies, if no one reads that any more.
void lay_out(StepPlan&, LayoutOptions const&);

}  // namespace unspool::core
