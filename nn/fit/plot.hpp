// Curves of a training, drawn by gnuplot.
#pragma once
#include <string>
#include <unspool/nn/fit/history.hpp>
#include <vector>

namespace unspool::core {

struct PlotOptions {
    std::vector<std::string> columns = {"loss",
                                        "validation_loss"};  ///< of the history; those that it lacks are left out
    std::string title                = {};
    std::string across               = "epoch";  ///< what the horizontal axis counts
    Index width = 800, height = 500;             ///< in pixels
    bool logarithmic = false;                    ///< the vertical axis
    double seconds   = 30;                       ///< that gnuplot may take
};

/// Draws columns of a history, row by row, into a file that ends in .svg, .png or .pdf: it is there whole, or, after an error,
/// as it was.  FileError where gnuplot is not installed, fails or takes too long, or where the file cannot be written; ValueError
/// for another ending, and where there is nothing to draw.
void plot(History const&, std::string const&, PlotOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::PlotOptions, core::plot;

}  // namespace unspool
