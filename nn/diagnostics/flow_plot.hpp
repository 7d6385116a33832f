// GradientNorms through time, drawn.
#pragma once
#include <string>
#include <unspool/nn/diagnostics/gradient_flow.hpp>
#include <unspool/nn/diagnostics/jacobian_flow.hpp>

namespace unspool::core {

/// How norms through time are drawn.
struct FlowPlotOptions {
    /// How norms are shown.
    enum Kind : std::uint8_t { curves, heat_map };

    Kind kind =
        curves;  ///< norms on a logarithmic axis; or a row for each layer, coloured by the logarithm of its norms
    std::string title = {};  ///< above the plot; "": none
    /// In pixels, 200 at least.
    Index width = 900, height = 450;  ///< in pixels, 200 at least
    double seconds = 30;              ///< that rsvg-convert may take, for .png and .pdf
};

/// Into a file that ends in .svg, .png or .pdf: it is there whole, or, after an error, as it was.  A norm of 0 has no place on a
/// logarithmic axis: there, curves have no point, and the heat map is grey; what is not finite is named in the key of curves, and red in
/// the heat map.  .png and .pdf are made of SVG by rsvg-convert: FileError where that is not installed, fails or takes too long, or where the
/// file cannot be written; ValueError for another ending, and where no norm is above 0.
void plot(GradientFlow const&, std::string const&, FlowPlotOptions const& = {}, Where = Where::here());
/// Both norms, as curves or as rows.
void plot(JacobianFlow const&, std::string const&, FlowPlotOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::FlowPlotOptions, core::plot;

}  // namespace unspool
