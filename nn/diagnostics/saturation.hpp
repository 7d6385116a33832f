// How often gates are shut, and how often they are wide open.
#pragma once
#include <string>
#include <unspool/nn/recurrence/recorder.hpp>
#include <vector>

namespace unspool::core {

/// Where the ends of a gate's values begin.
struct SaturationOptions {
    /// Below `low`: shut, or left-saturated; above `high`: open, or right-saturated.
    double low = 0.1, high = 0.9;  ///< below: shut, or left-saturated; above: open, or right-saturated
};

/// Of a gate, over all steps and sequences: Karpathy, Johnson and Fei-Fei, "Visualizing and understanding recurrent networks" (2015).
struct GateSaturation {
    std::string name;
    double shut = 0, open = 0;                       ///< shares of all activations
    std::vector<double> shut_by_unit, open_by_unit;  ///< of each unit, along the last axis
    Index count = 0;                                 ///< activations; those that are NaN count as neither
};

struct Saturation {
    std::vector<GateSaturation> gates;  ///< one a gate and layer
    SaturationOptions options;          ///< by which they were judged

    GateSaturation const& operator[](std::string_view name) const;  ///< NameError lists what there is
    std::string csv() const;                                        ///< a line a gate and unit: gate,unit,shut,open
    void save(std::string const&) const;                            ///< the same as a file.  FileError
};
std::string text(Saturation const&);                         ///< a line a gate
std::ostream& operator<<(std::ostream&, Saturation const&);  ///< as text() says it

/// Of these gates, in all layers that were recorded; of those that the shipped cells have, where none are named.  For a tanh, ask for
/// low = -0.9.  NameError for one that was not recorded in every step, and where there is none at all; ValueError unless low < high.
Saturation saturation(Recorder const&, std::vector<std::string> const& gates = {}, SaturationOptions const& = {},
                      Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::Saturation, core::SaturationOptions, core::saturation;

}  // namespace unspool
