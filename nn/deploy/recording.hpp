// Two recordings of one step, from different numbers: where they differ, the step depends on its values.
#pragma once
#include <unspool/nn/deploy/step_plan.hpp>

namespace unspool::core {

/// A step on a tape of its own, of numbers that are drawn and scaled.
struct Recording {
    Tape tape;
    std::vector<Var> inputs, state, next, results;
    std::vector<std::string> names;  // of the results

    Recording(PlannableCell const&, PlanOptions const&, std::vector<Shape> const& inputs, double scale, Where);
};

/// TapeError, which names the line, unless both recorded the same: what `a` recorded computes the values of `b` from the operands of `b`.
void require_same_structure(Recording const& a, Recording const& b, Where);

}  // namespace unspool::core
