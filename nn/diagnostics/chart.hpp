// Plots as SVG.  They know numbers and names, and nothing of where those come from.
#pragma once
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core {

struct Curve {
    std::string name;
    std::vector<double> values;
};

struct Chart {
    std::vector<Curve> curves;
    std::string title, across, up;  ///< what stands above, and beside the axes
    double first = 0;  ///< where the first value of each curve is, on the horizontal axis; the next one is at 1 more
    bool logarithmic = false;         ///< the vertical axis
    Index width = 800, height = 500;  ///< in pixels
};

/// Has it a place: is it finite, and on a logarithmic axis above 0?
bool has_place(double x, bool logarithmic);
bool anything_drawn(Chart const&);

/// Lines, with a legend above where there is more than one, or one that no axis names.  Of a curve of many values, each column of
/// pixels has the least and the greatest.  A value without a place is a gap, and where it is not finite, the gap is shaded.
std::string line_chart(Chart const&);

}  // namespace unspool::core
