// Curves as rows of colours.
#pragma once
#include <string>
#include <unspool/nn/diagnostics/chart.hpp>

namespace unspool::core {

/// A row for each curve, from below, coloured by log₁₀ of its values from dark to bright, with a scale at the side, which `up`
/// names.  What is not above 0 is grey, what is not finite is red; of many values that share a place, the greatest shows.
std::string heat_map(Chart const&);

}  // namespace unspool::core
