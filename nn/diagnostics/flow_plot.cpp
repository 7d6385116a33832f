// Norms as charts.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/flow_plot.hpp>
#include <unspool/nn/diagnostics/heat_map.hpp>
#include <unspool/nn/diagnostics/picture_file.hpp>

namespace unspool::core {

namespace {

std::string key_of(Curve const& c) {
    auto const bad = std::find_if(c.values.begin(), c.values.end(), [](double x) { return !std::isfinite(x); });
    return bad == c.values.end() ? c.name : fmt::format("{} (not finite at t = {})", c.name, bad - c.values.begin());
}

void draw(std::vector<Curve> curves, std::string axis, std::string const& path, FlowPlotOptions const& o, Where where) {
    require_picture(path, o.width, o.height, where);
    bool const map = o.kind == FlowPlotOptions::heat_map;
    if (!map)
        for (Curve& c : curves) c.name = key_of(c);
    Chart const chart{.curves      = std::move(curves),
                      .title       = o.title,
                      .across      = "time step t",
                      .up          = std::move(axis),
                      .first       = 0,
                      .logarithmic = true,
                      .width       = o.width,
                      .height      = o.height};
    if (!anything_drawn(chart))
        throw ValueError(fmt::format("{}: plot: there is no norm above 0 to draw", text(where)));
    save_svg(map ? heat_map(chart) : line_chart(chart), path, o.seconds);
}

}  // namespace

void plot(GradientFlow const& flow, std::string const& path, FlowPlotOptions const& o, Where where) {
    std::vector<Curve> curves;
    for (auto const& l : flow.layers) curves.push_back({l.name, l.norms});
    draw(std::move(curves), "‖∂L/∂h_t‖", path, o, where);
}

void plot(JacobianFlow const& flow, std::string const& path, FlowPlotOptions const& o, Where where) {
    std::string const s = flow.part.empty() ? "s" : flow.part;
    draw({{fmt::format("‖∂{0}_T/∂{0}_t‖", s), flow.through}, {fmt::format("‖∂{0}_t/∂{0}_t-1‖", s), flow.step}},
         "spectral norm", path, o, where);
}

}  // namespace unspool::core
