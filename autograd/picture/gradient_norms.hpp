// What boxes tell of their values and gradients.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/subgraph.hpp>

namespace unspool::core {

class GradientNorms {
public:
    GradientNorms(Subgraph const& reading, GraphOptions const& options) : reading_(reading), options_(options) {}

    std::optional<Flow> of(Window const&) const;          ///< none without gradients, and for constants
    std::optional<Flow> of_unit(int u) const;             ///< in all steps, if it stands for them
    std::optional<Flow> of_operand(Window const&) const;  ///< the same of what a step takes
    /// Of what was recorded in this frame, in the step that is shown.
    std::string tooltip(Window const&, Where, int frame) const;
    /// The first ones of its value and of its gradient.
    std::string elements(Window const&) const;

private:
    using InTime = std::map<Index, Window const*>;

    Values gradient(Window const&) const;
    Flow flow(Window const&) const;
    Flow over_time(InTime const&) const;
    void gather_steps() const;
    Index time_of(int frame) const {
        return reading_.frames()[static_cast<std::size_t>(reading_.step_around(frame))].step;
    }

    Subgraph const& reading_;
    GraphOptions const& options_;
    mutable bool gathered_ = false;
    mutable std::unordered_map<Window const*, Flow> known_;
    // Of units that stand for others, and of what those take: by time, however often a step uses it.
    mutable std::unordered_map<int, InTime> steps_;
    mutable std::unordered_map<Window const*, InTime> operands_;
};

}  // namespace unspool::core
