// Curves of a training.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/picture_file.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/plot.hpp>

namespace unspool::core {

void plot(History const& history, std::string const& path, PlotOptions const& o, Where where) {
    require_picture(path, o.width, o.height, where);
    Chart chart{.curves      = {},
                .title       = o.title,
                .across      = o.across,
                .up          = "",
                .first       = 1,
                .logarithmic = o.logarithmic,
                .width       = o.width,
                .height      = o.height};
    for (auto const& name : o.columns)
        if (history.contains(name)) chart.curves.push_back({name, history[name]});
    if (!anything_drawn(chart))
        throw ValueError(
            fmt::format("{}: plot: the history has nothing to draw of {}", text(where), shown_list(o.columns)));
    if (chart.curves.size() == 1) chart.up = chart.curves.front().name;
    save_svg(line_chart(chart), path, o.seconds);
}

}  // namespace unspool::core
