// Lines, their legend, and their gaps.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/chart_frame.hpp>
#include <utility>

namespace unspool::core {

namespace {

void draw_upwards(Svg& d, Chart const& c, std::vector<Tick> const& ticks, Area const& a) {
    for (Tick const& t : ticks) {
        d.path(fmt::format("M{:.1f} {:.1f}H{:.1f}", a.left, a.y(t.place), a.right), "stroke=\"#dddddd\"");
        d.text(a.left - 6, a.y(t.place) + 4.5, t.text, "end");
    }
    d.path(fmt::format("M{:.1f} {:.1f}V{:.1f}H{:.1f}", a.left, a.top, a.bottom, a.right), "stroke=\"#888888\"");
    double const middle = (a.top + a.bottom) / 2;
    if (!c.up.empty()) d.turned_text(14, middle, svg_text(c.up, a.bottom - a.top));
}

std::string stroke_of(std::size_t k) {
    constexpr char const* colours[] = {"#1f6fb4", "#d9660a", "#2a8a2a", "#8a52b8",
                                       "#8c564b", "#0a8a96", "#c2185b", "#666666"};
    constexpr char const* dashes[]  = {"", " stroke-dasharray=\"7 4\"", " stroke-dasharray=\"2 4\""};
    return fmt::format("stroke=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{}", colours[k % 8],
                       dashes[k / 8 % 3]);
}

/// Entries beside and below one another.  Returns where the last line ends.
double draw_legend(Svg& d, Chart const& c, double top) {
    constexpr std::size_t most = 24;
    constexpr double swatch = 24, gap = 18;
    auto const width = static_cast<double>(c.width);
    double x = gap, y = top;
    auto const put = [&](std::string const& words, double line) {
        double const needs = line + width_of(words) + gap;
        if (x > gap && x + needs > width) x = gap, y += height_of_line;
        d.text(x + line, y, svg_text(words, width - 4 * gap));
        return std::exchange(x, x + needs);
    };
    std::size_t k = 0;
    for (; k < c.curves.size() && k < most && y < static_cast<double>(c.height) / 2; ++k) {
        double const at = put(elided(utf8::one_line(c.curves[k].name, 1000), longest_name), swatch);
        d.path(fmt::format("M{:.1f} {:.1f}h18", at, y - 4.5), stroke_of(k) + " stroke-width=\"2\"");
    }
    if (k < c.curves.size()) put(fmt::format("… and {} more", c.curves.size() - k), 0);
    return y;
}

/// Columns of pixels that hold something that is not finite, as bands.
void shade(Svg& d, Chart const& c, Axis const& axis, Area const& a) {
    std::vector<bool> bad(static_cast<std::size_t>(a.right - a.left) + 1);
    double const half = std::min(axis.place(c.first + 0.5) - axis.place(c.first), 1.0);
    for (Curve const& k : c.curves) {
        for (std::size_t i = 0; i < k.values.size(); ++i) {
            if (std::isfinite(k.values[i])) continue;
            double const place = axis.place(c.first + static_cast<double>(i)),
                         last  = static_cast<double>(bad.size() - 1);
            auto const from    = static_cast<std::size_t>(std::clamp(place - half, 0.0, 1.0) * last);
            auto const to      = static_cast<std::size_t>(std::clamp(place + half, 0.0, 1.0) * last);
            for (std::size_t p = from; p <= to; ++p) bad[p] = true;
        }
    }
    for (auto at = bad.begin(); (at = std::find(at, bad.end(), true)) != bad.end();) {
        auto const end = std::find(at, bad.end(), false);
        d.rect(a.left + static_cast<double>(at - bad.begin()), a.top, static_cast<double>(end - at), a.bottom - a.top,
               "#fbdcdc");
        at = end;
    }
}

/// The numbers of those values that are worth a point: all of few; of many, the least and the greatest of each stretch, and those that
/// have no place.
std::vector<std::size_t> worth(std::vector<double> const& values, bool logarithmic, std::size_t stretches) {
    std::vector<std::size_t> out;
    std::size_t const n = values.size();
    bool const all      = n <= 2 * stretches;
    for (std::size_t s = 0; s < (all ? n : stretches); ++s) {
        std::size_t const from = all ? s : s * n / stretches, to = all ? s + 1 : (s + 1) * n / stretches;
        std::vector<std::size_t> mine(to - from);
        std::iota(mine.begin(), mine.end(), from);
        auto const gone =
            std::find_if(mine.begin(), mine.end(), [&](std::size_t i) { return !has_place(values[i], logarithmic); });
        std::vector<std::size_t> kept;
        if (gone != mine.end()) kept.push_back(*gone);
        std::erase_if(mine, [&](std::size_t i) { return !has_place(values[i], logarithmic); });
        auto const [low, high] =
            std::minmax_element(mine.begin(), mine.end(), [&](auto i, auto k) { return values[i] < values[k]; });
        if (!mine.empty()) kept.push_back(*low), kept.push_back(*high);
        std::sort(kept.begin(), kept.end());
        kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
        out.insert(out.end(), kept.begin(), kept.end());
    }
    return out;
}

void draw_curve(Svg& d, Chart const& c, std::size_t number, Axis const& xs, Axis const& ys, Area const& a) {
    constexpr std::size_t most_dots = 60;
    auto const& values              = c.curves[number].values;
    std::string line, dots;
    bool pen = false;
    for (std::size_t i : worth(values, c.logarithmic, static_cast<std::size_t>(a.right - a.left) + 1)) {
        if (!has_place(values[i], c.logarithmic)) {
            pen = false;
            continue;
        }
        std::string const point =
            fmt::format("{:.1f} {:.1f}", a.x(xs.place(c.first + static_cast<double>(i))), a.y(ys.place(values[i])));
        line += pen ? "L" + point : "M" + point + "h0";  // which is a dot, where it stays alone
        if (values.size() <= most_dots) dots += "M" + point + "h0";
        pen = true;
    }
    d.path(line, stroke_of(number) + " stroke-width=\"2\"");
    d.path(dots, fmt::format("{} stroke-width=\"5\"",
                             stroke_of(number).substr(0, stroke_of(number).find(" stroke-dasharray"))));
}

}  // namespace

std::string line_chart(Chart const& c) {
    Svg d(c.width, c.height);
    draw_title(d, c);
    bool const legend = c.curves.size() > 1 || c.up.empty() || c.up != c.curves.front().name;
    double const top  = legend ? draw_legend(d, c, top_of(c) + 10) + 8 : top_of(c);
    auto const width = static_cast<double>(c.width), height = static_cast<double>(c.height);
    Axis const xs = across_axis(c), ys = upwards_axis(c);
    auto const ticks = ys.ticks(std::max<Index>(static_cast<Index>((height - top) / 55), 3));
    Area const a{(c.up.empty() ? 12 : 30) + widest(ticks), top, width - 18, height - 2 * height_of_line - 10};
    shade(d, c, xs, a);
    draw_upwards(d, c, ticks, a);
    draw_across(d, c, xs, a);
    for (std::size_t k = 0; k < c.curves.size(); ++k) draw_curve(d, c, k, xs, ys, a);
    return d.whole();
}

}  // namespace unspool::core
