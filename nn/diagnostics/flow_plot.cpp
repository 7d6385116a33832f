// Programs for gnuplot.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/diagnostics/flow_plot.hpp>
#include <unspool/nn/diagnostics/gnuplot.hpp>

namespace unspool::core {

namespace {

struct Curve {
    std::string name;
    std::vector<double> values;
};

/// What is drawn, and what its axis is called.
struct Subject {
    std::vector<Curve> curves;
    std::string axis;
};

bool drawn(double x) { return std::isfinite(x) && x > 0; }

void require_something(Subject const& s, Where where) {
    for (Curve const& c : s.curves)
        if (std::any_of(c.values.begin(), c.values.end(), drawn)) return;
    throw ValueError(fmt::format("{}: plot: there is no norm above 0 to draw", text(where)));
}

std::string key_of(Curve const& c) {
    auto const bad = std::find_if(c.values.begin(), c.values.end(), [](double x) { return !std::isfinite(x); });
    return bad == c.values.end() ? c.name : fmt::format("{} (not finite at t = {})", c.name, bad - c.values.begin());
}

std::string curves(Subject const& s) {
    std::string data, plots;
    for (std::size_t k = 0; k < s.curves.size(); ++k) {
        data += fmt::format("$c{} << EOD\n", k);
        for (std::size_t t = 0; t < s.curves[k].values.size(); ++t) {
            double const v = s.curves[k].values[t];
            data += drawn(v) ? fmt::format("{} {}\n", t, v) : fmt::format("{} NaN\n", t);
        }
        data += "EOD\n";
        constexpr char const* colours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd",
                                           "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f"};
        plots += fmt::format("{}$c{} using 1:2 with linespoints title {} lc rgb '{}' lw 2 pt 7 ps 0.25 dt {}",
                             k == 0 ? "plot " : ", ", k, gnuplot_text(key_of(s.curves[k])), colours[k % 8], 1 + k / 8);
    }
    return data +
           "set logscale y\nset format y '%.0e'\nset grid lt 1 lc rgb '#dddddd' lw 1\nset border 3\nset tics "
           "nomirror\nset key outside "
           "right "
           "top\nset ylabel " +
           gnuplot_text(s.axis) + "\n" + plots + "\n";
}

/// Rows from the first layer, below, to the last.
std::string heat_map(Subject const& s) {
    std::string data = "$m << EOD\n", bad = "$bad << EOD\n", tics;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (std::size_t k = 0; k < s.curves.size(); ++k) {
        tics += fmt::format("{}{} {}", k == 0 ? "" : ", ", gnuplot_tic(s.curves[k].name), k);
        for (std::size_t t = 0; t < s.curves[k].values.size(); ++t) {
            double const v = s.curves[k].values[t];
            if (drawn(v)) low = std::min(low, std::log10(v)), high = std::max(high, std::log10(v));
            if (drawn(v)) data += fmt::format("{} {} {}\n", t, k, std::log10(v));
            if (!std::isfinite(v)) bad += fmt::format("{} {}\n", t, k);
        }
    }
    bool const any = bad.find('\n', 12) != bad.npos;
    return data + "EOD\n" + bad + "EOD\n" +
           fmt::format("set cbrange [{}:{}]\nset xrange [-0.5:{}]\nset yrange [-0.5:{}]\nset ytics ({})\nset tics "
                       "nomirror out\nset border 3\n",
                       low, std::max(high, low + 1), static_cast<double>(s.curves[0].values.size()) - 0.5,
                       static_cast<double>(s.curves.size()) - 0.5, tics) +
           "set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', 6 "
           "'#5cc863', 7 '#aadc32', 8 "
           "'#fde725')\nset object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb '#bbbbbb' fs noborder\nset "
           "cblabel " +
           gnuplot_text("log₁₀ " + s.axis) +
           "\nplot $m using 1:2:(0.51):(0.5):3 with boxxyerror fc palette fs solid noborder notitle" +
           (any ? ", $bad using 1:2 with points pt 7 ps 0.8 lc rgb '#e00000' title 'not finite'\n" : "\n");
}

void draw(Subject const& s, std::string const& path, FlowPlotOptions const& o, Where where) {
    require_something(s, where);
    std::string program = fmt::format("set terminal {}\nset encoding utf8\nset xlabel 'time step t'\n",
                                      gnuplot_terminal(path, o.width, o.height, where));
    if (!o.title.empty()) program += "set title " + gnuplot_text(o.title) + "\n";
    AtomicFile file(path);
    file.write(gnuplot(program + (o.kind == FlowPlotOptions::heat_map ? heat_map(s) : curves(s)), o.seconds));
    file.commit();
}

}  // namespace

void plot(GradientFlow const& flow, std::string const& path, FlowPlotOptions const& o, Where where) {
    Subject s{{}, "‖∂L/∂h_t‖"};
    for (auto const& l : flow.layers) s.curves.push_back({l.name, l.norms});
    draw(s, path, o, where);
}

void plot(JacobianFlow const& flow, std::string const& path, FlowPlotOptions const& o, Where where) {
    std::string const s = flow.part.empty() ? "s" : flow.part;
    draw({{{fmt::format("‖∂{0}_T/∂{0}_t‖", s), flow.through}, {fmt::format("‖∂{0}_t/∂{0}_t-1‖", s), flow.step}},
          "spectral norm"},
         path, o, where);
}

}  // namespace unspool::core
