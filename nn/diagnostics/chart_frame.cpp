// Titles and axes.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/nn/diagnostics/chart_frame.hpp>

namespace unspool::core {

bool has_place(double x, bool logarithmic) { return std::isfinite(x) && (!logarithmic || x > 0); }

bool anything_drawn(Chart const& c) {
    return std::any_of(c.curves.begin(), c.curves.end(), [&](Curve const& k) {
        return std::any_of(k.values.begin(), k.values.end(), [&](double x) { return has_place(x, c.logarithmic); });
    });
}

std::size_t most_values(Chart const& c) {
    std::size_t n = 0;
    for (Curve const& k : c.curves) n = std::max(n, k.values.size());
    return n;
}

Axis across_axis(Chart const& c) {
    auto const n = static_cast<double>(most_values(c));
    return {Axis::whole, c.first, c.first + std::max(n - 1, 0.0)};
}

Axis upwards_axis(Chart const& c) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (Curve const& k : c.curves)
        for (double x : k.values)
            if (has_place(x, c.logarithmic)) low = std::min(low, x), high = std::max(high, x);
    if (low > high) low = high = 1;
    return {c.logarithmic ? Axis::logarithmic : Axis::linear, low, high};
}

void draw_title(Svg& d, Chart const& c) {
    auto const width = static_cast<double>(c.width);
    if (!c.title.empty()) d.text(width / 2, 20, svg_text(c.title, width - 20), "middle", " font-size=\"15\"");
}

void draw_across(Svg& d, Chart const& c, Axis const& axis, Area const& a) {
    auto const most = static_cast<Index>((a.right - a.left) / 70);
    for (Tick const& t : axis.ticks(most)) {
        d.path(fmt::format("M{:.1f} {:.1f}v5", a.x(t.place), a.bottom), "stroke=\"#888888\"");
        d.text(a.x(t.place), a.bottom + height_of_line, t.text, "middle");
    }
    d.text((a.left + a.right) / 2, a.bottom + 2 * height_of_line, svg_text(c.across, a.right - a.left), "middle");
}

double top_of(Chart const& c) { return c.title.empty() ? 10 : 32; }

double widest(std::vector<Tick> const& ticks) {
    double out = 0;
    for (Tick const& t : ticks) out = std::max(out, width_of(t.text));
    return out;
}

}  // namespace unspool::core
