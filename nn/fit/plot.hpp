// Curves of a training, drawn.
#pragma once
#include <string>
#include <unspool/nn/fit/history.hpp>
#include <vector>

namespace unspool::core {

/// How a history is drawn.
struct PlotOptions {
    std::vector<std::string> columns = {"loss",
                                        "validation_loss"};  ///< of the history; those that it lacks are left out
    std::string title                = {};                   ///< above the plot; "": none
    std::string across               = "epoch";              ///< what the horizontal axis counts
    /// In pixels, 200 at least.
    Index width = 800, height = 500;  ///< in pixels, 200 at least
    bool logarithmic = false;         ///< the vertical axis
    double seconds   = 30;            ///< that rsvg-convert may take, for .png and .pdf
};

/// Draws columns of a history, row by row, into a file that ends in .svg, .png or .pdf: it is there whole, or, after an error,
/// as it was.  Values that are not finite are a shaded gap; of many, each column of pixels shows the least and the greatest.  .png and .pdf
/// are made of SVG by rsvg-convert: FileError where that is not installed, fails or takes too long, or where the file cannot be written;
/// ValueError for another ending, and where there is nothing to draw.
void plot(History const&, std::string const&, PlotOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::PlotOptions, core::plot;

}  // namespace unspool
