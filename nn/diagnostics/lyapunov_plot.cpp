// Exponents as charts.
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/lyapunov.hpp>
#include <unspool/nn/diagnostics/picture_file.hpp>

namespace unspool::core {

namespace {

void draw_exponents(std::vector<Curve> curves, std::string across, double first, std::string const& path,
                    LyapunovPlotOptions const& o, Where where) {
    require_picture(path, o.width, o.height, where);
    Chart const chart{.curves = std::move(curves),
                      .title  = o.title,
                      .across = std::move(across),
                      .up     = "Lyapunov exponent",
                      .first  = first,
                      .width  = o.width,
                      .height = o.height};
    if (!anything_drawn(chart)) throw ValueError(fmt::format("{}: plot: no exponent is finite", text(where)));
    save_svg(line_chart(chart), path, o.seconds);
}

}  // namespace

void plot(LyapunovSpectrum const& s, std::string const& path, LyapunovPlotOptions const& o, Where where) {
    draw_exponents({{"Lyapunov exponent", s.exponents}}, "number", 1, path, o, where);
}

void plot(std::vector<LyapunovSpectrum> const& all, std::string const& path, LyapunovPlotOptions const& o,
          Where where) {
    std::size_t most = 0;
    for (auto const& s : all) most = std::max(most, s.exponents.size());
    std::vector<Curve> curves;
    for (std::size_t i = 0; i < most; ++i) {
        curves.push_back({fmt::format("λ{}", i + 1), {}});
        for (auto const& s : all)
            curves.back().values.push_back(i < s.exponents.size() ? s.exponents[i]
                                                                  : std::numeric_limits<double>::quiet_NaN());
    }
    draw_exponents(std::move(curves), o.across, 0, path, o, where);
}

}  // namespace unspool::core
