// Rows of colours.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/nn/diagnostics/chart_frame.hpp>
#include <unspool/nn/diagnostics/heat_map.hpp>
#include <utility>

namespace unspool::core {

namespace {

/// One row, of which neighbours of one colour are one rectangle.
void draw_row(Svg& d, Curve const& row, Axis const& colours, Area const& a, std::size_t steps, std::size_t cells) {
    double const wide = (a.right - a.left) / static_cast<double>(cells);
    std::string before;
    std::size_t from = 0;
    auto const end   = [&](std::size_t at, std::string colour) {
        if (colour == before) return;
        if (!before.empty())
            d.rect(a.left + wide * static_cast<double>(from), a.top, wide * static_cast<double>(at - from) + 0.3,
                     a.bottom - a.top, before);
        before = std::move(colour), from = at;
    };
    for (std::size_t k = 0; k < cells; ++k) {
        double greatest = 0;
        bool finite     = true;
        for (std::size_t t = k * steps / cells; t < std::min((k + 1) * steps / cells, row.values.size()); ++t) {
            finite &= std::isfinite(row.values[t]);
            if (has_place(row.values[t], true)) greatest = std::max(greatest, row.values[t]);
        }
        end(k, !finite ? "#e00000" : greatest > 0 ? ColourMap::at(std::round(colours.place(greatest) * 64) / 64) : "");
    }
    end(cells, "-");
}

void draw_scale(Svg& d, Chart const& c, Axis const& colours, Area const& a) {
    constexpr int pieces = 64;
    double const tall    = (a.bottom - a.top) / pieces;
    for (int k = 0; k < pieces; ++k)
        d.rect(a.left, a.bottom - tall * (k + 1), a.right - a.left, tall + 0.3, ColourMap::at(k / (pieces - 1.0)));
    for (Tick const& t : colours.ticks(6)) d.text(a.right + 5, a.y(t.place) + 4.5, t.text);
    double const x = static_cast<double>(c.width) - 8, middle = (a.top + a.bottom) / 2;
    d.turned_text(x, middle, svg_text(c.up, a.bottom - a.top));
}

bool all_finite(Curve const& c) {
    return std::all_of(c.values.begin(), c.values.end(), [](double x) { return std::isfinite(x); });
}

}  // namespace

std::string heat_map(Chart const& c) {
    Svg d(c.width, c.height);
    draw_title(d, c);
    Chart logarithmic       = c;
    logarithmic.logarithmic = true;
    Axis const xs = across_axis(c), colours = upwards_axis(logarithmic);
    auto const width = static_cast<double>(c.width), height = static_cast<double>(c.height);
    double names = 0;
    for (Curve const& k : c.curves) names = std::max(names, std::min(width_of(k.name), width / 3));
    bool const bad = !std::all_of(c.curves.begin(), c.curves.end(), all_finite);
    Area const a{names + 14, top_of(c) + (bad ? 14 : 0), width - 110, height - 2 * height_of_line - 10};
    if (bad) d.rect(a.left, a.top - 19, 12, 12, "#e00000"), d.text(a.left + 18, a.top - 9, "not finite");
    d.rect(a.left, a.top, a.right - a.left, a.bottom - a.top, "#bbbbbb");
    auto const n     = static_cast<double>(c.curves.size());
    auto const steps = most_values(c), cells = std::min({steps, static_cast<std::size_t>(a.right - a.left),
                                                         std::max<std::size_t>(40'000 / c.curves.size(), 50)});
    for (std::size_t k = 0; k < c.curves.size(); ++k) {
        auto const place = static_cast<double>(k);
        Area const row{a.left, a.y((place + 1) / n), a.right, a.y(place / n)};
        draw_row(d, c.curves[k], colours, row, steps, cells);
        if ((row.bottom - row.top) >= 12 || k % static_cast<std::size_t>(std::ceil(12 / (row.bottom - row.top))) == 0)
            d.text(a.left - 6, (row.top + row.bottom) / 2 + 4.5, svg_text(c.curves[k].name, names), "end");
    }
    double const half = (a.right - a.left) / static_cast<double>(steps) / 2;  // a tick is in the middle of its step
    draw_across(d, c, xs, steps > 1 ? Area{a.left + half, a.top, a.right - half, a.bottom} : a);
    draw_scale(d, c, colours, {a.right + 16, a.top, a.right + 32, a.bottom});
    return d.whole();
}

}  // namespace unspool::core
