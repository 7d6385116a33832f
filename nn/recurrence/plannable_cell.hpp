// One step of any cell, to be recorded as a plan.
#pragma once
#include <functional>
#include <string>
#include <unspool/nn/recurrence/carried.hpp>
#include <unspool/nn/recurrence/erased_cell.hpp>
#include <vector>

namespace unspool::core {

/// What a plan is recorded by: a cell, or a model of layers.
struct PlannableCell {
    using Vars = std::span<Var const>;
    struct Step {
        std::vector<Var> state;  // the next one
        Var output;
    };

    std::vector<std::string> inputs, names;  // of the inputs, and of the parts of the state
    std::vector<xt::xarray<double>> zeros;   // the state before the first step
    std::function<Step(Vars x, Vars state)> step;
    std::function<Shape(Where)> input;  // of the one input, without the batch, where no one says it
};
template <class Input> std::vector<std::string> names_of_inputs() {
    if constexpr (std::same_as<Input, Var>) return {"x"};
    else if constexpr (IsTuple<Input>::value) {
        std::vector<std::string> out;
        for (std::size_t k = 0; k < number_of_inputs<Input>(); ++k) out.push_back("x" + std::to_string(k));
        return out;
    } else return states::names<Input>();
}
/// TypeError for a cell that is told the step's number, and for one whose State or Input has members that are no Vars: those of an Input, and
/// those of a State that a step changes, no plan can follow.
template <CellWithZeros C> PlannableCell plannable(C const& cell, Index batch, Where where = Where::here()) {
    using State = StateOf<C>;
    using Input = InputOf<C>;
    if constexpr (TakesNumberOfStep<C, State, Input>::value)
        refuse_to_plan("the cell is told the number of the step, which is no Var: count in a part of the state", where);
    if constexpr (!std::same_as<Input, Var> && !IsTuple<Input>::value)
        if constexpr (!states::of_vars_alone<Input>())
            refuse_to_plan("the cell's Input has members that are no Vars", where);
    auto erased     = erased_step(cell, batch);
    auto const step = [&cell, batch, where](PlannableCell::Vars x, PlannableCell::Vars parts) {
        State const before = state_from(cell, batch, parts),
                    after  = stepped(cell, inputs_from<Input>(x), before, where);
        if (std::string const changed = states::changed_member(before, after, ""); !changed.empty())
            refuse_to_plan("a step changes " + changed + ", a member of the state that is no Var", where);
        auto const next = states::parts(after);
        return PlannableCell::Step{{next.begin(), next.end()}, Var(output_of(after))};
    };
    auto const input = [erased, batch](Where at) {
        return Shape{features(erased, batch, "step_plan", "PlanOptions::inputs", at)};
    };
    return {names_of_inputs<Input>(), erased.names, erased.zeros, step, input};
}

}  // namespace unspool::core
