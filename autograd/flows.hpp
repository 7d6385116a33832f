// What boxes tell of their values and gradients.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <unspool/autograd/diagram.hpp>
#include <unspool/autograd/reading.hpp>

namespace unspool {

class Flows {
public:
    Flows(Reading const& reading, GraphOptions const& options) : reading_(reading), options_(options) {}

    std::optional<Flow> of(Window const&) const;          ///< none without gradients, and for constants
    std::optional<Flow> of_unit(int u) const;             ///< in all steps, if it stands for them
    std::optional<Flow> of_operand(Window const&) const;  ///< the same of what a step takes
    std::string         tooltip(Window const&, Where) const;

private:
    Values gradient(Window const&) const;
    Flow   flow(Window const&) const;
    Flow   over_time(std::vector<Window const*> const&) const;
    void   gather_steps() const;

    Reading const&                                                        reading_;
    GraphOptions const&                                                   options_;
    mutable bool                                                          gathered_ = false;
    mutable std::unordered_map<Window const*, Flow>                       known_;
    mutable std::unordered_map<Window const*, std::vector<Window const*>> operands_;
    mutable std::unordered_map<int, std::vector<int>> steps_;  // of units that stand for others: those, in the order of time
};

}  // namespace unspool
