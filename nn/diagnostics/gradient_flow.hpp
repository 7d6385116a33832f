// How large the gradients of a loss are in the states of each layer, step by step.
#pragma once
#include <iosfwd>
#include <string>
#include <unspool/nn/diagnostics/decay.hpp>
#include <unspool/nn/recurrence/recorder.hpp>
#include <vector>

namespace unspool::core {

class Gradients;

/// The states of one layer, one a time step.
struct StatesInTime {
    std::string name;  ///< "l0.h"
    std::vector<Var> steps;
};

struct GradientFlow {
    /// One recurrence.
    struct Layer {
        std::string name;           ///< "l0.h"
        std::vector<double> norms;  ///< ‖∂L/∂h_t‖, of the whole batch, by time step
        bool reverse = false;       ///< the recurrence runs from the last step to the first
        Decay decay;                ///< what to think of it
    };
    std::vector<Layer> layers;  ///< one a recurrence
    DecayOptions options;       ///< by which it was judged

    Layer const& operator[](std::string_view name) const;  ///< NameError lists what there is
    std::string csv() const;                               ///< a line a layer and step: layer,t,norm
    void save(std::string const&) const;                   ///< the same as a file.  FileError
};
std::string text(GradientFlow const&);  ///< a line a layer: its name, a sparkline, and what to think of it
std::ostream& operator<<(std::ostream&, GradientFlow const&);  ///< as text() says it

/// The gradients of a scalar loss by what a scan recorded before the loss was computed:
///
///     Recorder recorder;
///     auto const [ys, state] = lstm(xs, {.record = &recorder});
///     std::cout << gradient_flow(mean(square(ys[-1] - y)), recorder);
///
/// They are those by h_t, with all that follows from it: of a loss that looks at every step, that of step t is among it, and
/// nothing seems to vanish.  To see how far back a step can learn, ask for a loss that looks at the last one.  `state` is the part
/// of the state, of all layers that were recorded.  NameError where there is none.
GradientFlow gradient_flow(Var const& loss, Recorder const&, std::string_view state = "h", DecayOptions const& = {},
                           Where = Where::here());
/// The same by any Vars, in the order of time: a scan's outputs, for instance.  ValueError for a layer without steps.
GradientFlow gradient_flow(Var const& loss, std::vector<StatesInTime> const&, DecayOptions const& = {},
                           Where = Where::here());
/// Of one layer.
GradientFlow gradient_flow(Var const& loss, std::span<Var const> states, DecayOptions const& = {},
                           Where = Where::here());
/// The same of a sweep that was made, with Keep::all; else TapeError.
GradientFlow gradient_flow(Gradients const&, std::vector<StatesInTime> const&, DecayOptions const& = {},
                           Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::GradientFlow, core::gradient_flow;

}  // namespace unspool
