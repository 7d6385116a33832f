// What goes on inside of a network in the middle of its training: states, gates, gradients through time, and what to think of them.
#pragma once
#include <functional>
#include <string>
#include <unspool/nn/diagnostics/gradient_flow.hpp>
#include <unspool/nn/diagnostics/saturation.hpp>
#include <unspool/nn/recurrence/recorder.hpp>
#include <vector>

namespace unspool::core {

/// What is looked at inside of the network.
struct TrainingProbe {
    /// The loss of a few sequences, always the same: `[&](Tape& tape, Recorder& recorder) { … }` gives the recorder to its scans or
    /// layers.  A loss that looks at the last step shows how far back one can learn: see gradient_flow().  Empty: none of all this.
    std::function<Var(Tape&, Recorder&)> loss    = {};
    std::vector<std::vector<std::string>> tokens = {};          ///< of each sequence, what stands under its steps
    std::vector<std::string> states              = {"h", "c"};  ///< the parts of the state whose gradients are shown
    DecayOptions decay                           = {};          ///< by which gradients through time are judged
    SaturationOptions gates                      = {};          ///< where the ends of a gate's values begin
    double saturated                             = 0.9;  ///< the share of a gate's activations beyond those bounds
};

/// "l0.h is vanishing: from 0.12 at t = 99 to 3.1e-09 at t = 0 …"
struct Finding {
    /// Of whom, "l0.h"; what is found, "vanishing"; and by which numbers.
    std::string of, what, why;
};

/// What one name was in each step, for some sequences.
struct RecordedMap {
    std::string name;
    Index steps, sequences, units;
    std::vector<double> values;  ///< [sequences,units,steps]
    double low, high;            ///< of the values that are finite; both 0 where none is
};

struct ProbeResult {
    GradientFlow flow;
    std::vector<Finding> findings;  ///< what is not as it should be comes first
    std::vector<RecordedMap> maps;
};

/// What is to be done with a loss and its gradients while they are there.
using SeenLoss = std::function<void(Var const& loss, Gradients const&)>;

/// Computes the loss and its gradients on a tape of its own.  What is recorded with fewer than two axes, or not in each step, has no
/// map.  ShapeError where the loss is no scalar, and whatever it throws itself.
ProbeResult look_inside(TrainingProbe const&, Dtype, Where = Where::here(), SeenLoss const& = {});

/// As JSON: [{"name":"h","every":1,"norms":[…]}], of longer sequences one step in `every`; [{"of":…,"what":…,"why":…}];
/// and a list of sequences, {"tokens":[…],"maps":[{"name":"h","low":-1,"high":1,"rows":["00ff…"]}]}: a row a unit, two hexadecimal digits
/// a step, from low (00) to high (fe), or not finite (ff).
std::string flow_json(GradientFlow const&);
std::string findings_json(std::vector<Finding> const&);
std::string maps_json(std::vector<RecordedMap> const&, std::vector<std::vector<std::string>> const& tokens);

}  // namespace unspool::core

namespace unspool {

using core::Finding, core::TrainingProbe;

}  // namespace unspool
