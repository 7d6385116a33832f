// Curves of a training: a program for gnuplot.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/diagnostics/gnuplot.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/plot.hpp>

namespace unspool::core {

namespace {

struct Curve {
    std::string name;
    std::vector<double> values;
};

// gnuplot stops where all points are missing.
bool visible(Curve const& c, bool logarithmic) {
    return std::any_of(c.values.begin(), c.values.end(),
                       [&](double x) { return std::isfinite(x) && (!logarithmic || x > 0); });
}

std::vector<Curve> curves(History const& history, PlotOptions const& o, Where where) {
    std::vector<Curve> out;
    for (auto const& name : o.columns)
        if (history.contains(name))
            if (Curve c{name, history[name]}; visible(c, o.logarithmic)) out.push_back(std::move(c));
    if (out.empty())
        throw ValueError(
            fmt::format("{}: plot: the history has nothing to draw of {}", text(where), shown_list(o.columns)));
    return out;
}

std::string data(std::vector<Curve> const& all) {
    std::string out;
    for (std::size_t k = 0; k < all.size(); ++k) {
        out += fmt::format("$c{} << EOD\n", k);
        for (std::size_t e = 0; e < all[k].values.size(); ++e)
            out += std::isfinite(all[k].values[e]) ? fmt::format("{} {}\n", e + 1, all[k].values[e])
                                                   : fmt::format("{} NaN\n", e + 1);
        out += "EOD\n";
    }
    return out;
}

// At whole epochs, about ten of them.
Index between_tics(std::vector<Curve> const& all) {
    auto const epochs = static_cast<Index>(all.front().values.size());
    Index step        = 1;
    for (Index next : {2, 5, 10})
        if (epochs / step > 12) step = next;
    while (epochs / step > 12) step *= 2;
    return step;
}

std::string program(std::vector<Curve> const& all, std::string const& terminal, PlotOptions const& o) {
    std::string out =
        fmt::format("set terminal {}\nset encoding utf8\nset datafile missing 'NaN'\n", terminal) + data(all);
    out += "set xlabel " + gnuplot_text(o.across) +
           "\nset grid lt 1 lc rgb '#dddddd' lw 1\nset border 3\nset tics nomirror\nset key above\nset style data "
           "linespoints\n";
    out += fmt::format("set xtics {}\n", between_tics(all));
    if (!o.title.empty()) out += "set title " + gnuplot_text(o.title) + '\n';
    if (o.logarithmic) out += "set logscale y\n";
    if (all.size() == 1) out += "set ylabel " + gnuplot_text(all.front().name) + '\n';
    constexpr char const* colours[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"};
    for (std::size_t k = 0; k < all.size(); ++k)
        out += fmt::format("{}$c{} using 1:2 title {} lc '{}' lw 2 pt 7 ps 0.5", k == 0 ? "plot " : ", ", k,
                           gnuplot_text(all[k].name), colours[k % 6]);
    return out + '\n';
}

}  // namespace

void plot(History const& history, std::string const& path, PlotOptions const& o, Where where) {
    auto const how = program(curves(history, o, where), gnuplot_terminal(path, o.width, o.height, where), o);
    AtomicFile file(path);
    file.write(gnuplot(how, o.seconds));
    file.commit();
}

}  // namespace unspool::core
