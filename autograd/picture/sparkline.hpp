// A curve in one line of text.
#pragma once
#include <span>
#include <string>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// How a curve is drawn in one line of text.
struct SparklineOptions {
    Index width      = 60;     ///< columns at most: of a longer curve, each shows the largest of its values
    bool logarithmic = true;   ///< equal steps of height are equal ratios
    double low = 0, high = 0;  ///< what the lowest and the highest block stand for; both 0: the range of the values
};

/// "█▇▆▅▄▃▂▁": one block a value.  A space stands for what is 0 (in a logarithmic one, also for what is below), and "×" for what is
/// not finite.  ValueError for a width below 1.
std::string sparkline(std::span<double const>, SparklineOptions const& = {});

}  // namespace unspool::core

namespace unspool {

using core::SparklineOptions, core::sparkline;

}  // namespace unspool
