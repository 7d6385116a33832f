// What is around the values of a chart: its title, and its axes.
#pragma once
#include <unspool/nn/diagnostics/axis.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/svg.hpp>

namespace unspool::core {

/// Where the values are, in pixels.
struct Area {
    double left, top, right, bottom;
    double x(double place) const { return left + place * (right - left); }
    double y(double place) const { return bottom - place * (bottom - top); }
};

std::size_t most_values(Chart const&);  ///< curve: so many values
Axis across_axis(Chart const&);
Axis upwards_axis(Chart const&);
double top_of(Chart const&);  ///< below its title
double widest(std::vector<Tick> const&);

void draw_title(Svg&, Chart const&);
void draw_across(Svg&, Chart const&, Axis const&, Area const&);

}  // namespace unspool::core
