// Equations, shapes, norms and parameters, as lines and tables.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/label.hpp>
#include <unspool/autograd/picture/legend.hpp>
#include <unspool/autograd/picture/markup.hpp>

namespace unspool::core {

char const* colour_of_parameter(int n) {
    static constexpr char const* all[colours_of_parameters] = {"#fff4cf", "#fde0c5", "#f9d5e5", "#e3dcf5", "#d5e8f7",
                                                               "#d3efe6", "#e6f2c9", "#f0e2c4", "#ecd9d9", "#d9dcf2"};
    return all[static_cast<std::size_t>(n) % std::size(all)];
}

namespace {

constexpr double letters = 11;  // points; small print is of 8

constexpr char const* indent =
    "<font point-size=\"14\">\u00a0\u00a0</font>";  // higher than the line, so that lines stand apart
constexpr char const* higher = "<font point-size=\"11\">\u00a0</font>";

constexpr std::size_t longest_line = 32, longest_line_in_time = 26, longest_beside = 6;  // characters of equations
constexpr double margin_x = 7, margin_y = 3.5, narrowest_strip = 170, narrowest_strip_in_time = 120;  // points

std::string in_font(std::string const& attributes, std::string const& s) {
    return fmt::format("<font {}>{}</font>", attributes, s);
}

/// With some room for fonts that are a little wider.
Extent roomy(Extent e) { return {std::ceil(e.width * 1.02 + 1), std::ceil(e.height)}; }

std::string table(std::string const& rows, char const* attributes = "", Extent e = {}) {
    std::string const size =
        e.width > 0 ? fmt::format(" fixedsize=\"true\" width=\"{:.0f}\" height=\"{:.0f}\"", e.width, e.height) : "";
    return fmt::format("<table border=\"0\" cellspacing=\"0\" cellpadding=\"0\"{}{}>{}</table>", size, attributes,
                       rows);
}
std::string fixed_cell(std::string const& content, Extent e, std::string const& attributes = "") {
    return fmt::format("<td fixedsize=\"true\" width=\"{:.0f}\" height=\"{:.0f}\"{}>{}</td>", e.width, e.height,
                       attributes, content);
}

}  // namespace

std::string fixed(std::string const& markup, double points, bool left_half) {
    Extent const size = roomy(extent_of(markup, points));
    return table("<tr>" + fixed_cell(markup, size) + (left_half ? fixed_cell("", {size.width + 20, size.height}) : "") +
                 "</tr>");
}

bool Labels::on_dark(Box const& b) const { return b.flow && !b.marked && shades_.dark(*b.flow); }

std::string Labels::small(std::string const& s, Box const& b) const {
    return in_font(fmt::format("point-size=\"8\" color=\"{}\"", on_dark(b) ? "#eeeeee"
                                                                : b.flow   ? "#222222"
                                                                           : "#666666"),
                   s) +
           higher;
}

/// Parameters that it alone uses stand below the equation.
Label Labels::of(Box const& b) const {
    if (b.kind == Box::parameters) return strip(b, 0);
    std::string const text = words(b);
    Extent const size      = roomy(extent_of(text, letters));
    Extent const outer{size.width + 2 * margin_x, size.height + 2 * margin_y};
    if (b.strip.empty()) return {text, outer};
    Label const below = strip(b, size.width);
    Extent const both{std::max(size.width, below.size.width), size.height + below.size.height + margin_y};
    return {table("<tr>" + fixed_cell(text, {both.width, size.height}) + "</tr><tr>" +
                  fixed_cell(below.markup, {both.width, below.size.height + margin_y}) + "</tr>"),
            {both.width + 2 * margin_x, both.height + 2 * margin_y}};
}

std::string Labels::words(Box const& b) const {
    if (b.kind == Box::elision) return in_font("point-size=\"12\"", html(b.lines.at(0)));
    return b.kind == Box::module ? module(b) : equation(b);
}

/// A long name stands on a line of its own.
std::string Labels::equation(Box const& b) const {
    std::string name       = b.name.empty() ? "" : "<b>" + html(b.name) + (b.equation.empty() ? "" : "\u00a0") + "</b>";
    std::size_t const most = d_.horizontal ? longest_line_in_time : longest_line;
    auto const lines       = lines_of(b.equation.empty() || b.name.empty() ? "" : "= ", print(b.equation), most);
    bool const apart = !b.equation.empty() && b.name.size() > longest_beside && b.name.size() + lines[0].size() > most;
    bool const one   = lines.size() == 1 && !apart;
    std::string const end = one ? "<br/>" : "<br align=\"left\"/>";
    std::string out       = name + (apart ? end : "");
    for (auto const& l : lines) out += (&l == lines.data() && !apart ? "" : indent) + html(l) + end;
    auto const all = extras(b);
    for (auto const& extra : all) out += small(html(extra), b) + (&extra == &all.back() && one ? "" : end);
    return out;
}

std::string Labels::module(Box const& b) const {
    std::string out = "<b>" + html(b.name) + "</b><br/>";
    for (auto const& l : b.lines) out += small(html(l), b) + "<br/>";
    auto const all = extras(b);
    for (auto const& extra : all) out += small(html(extra), b) + (&extra == &all.back() ? "" : "<br/>");
    return out;
}

/// Lines in small print: what there is of it.
std::vector<std::string> Labels::extras(Box const& b) const {
    std::string const shape = b.shape.empty() ? "scalar" : text(b.shape);
    std::vector<std::string> out{b.bytes > 0 && is_equation(b) ? fmt::format("{} · {} B", shape, b.bytes) : shape};
    if (!b.flow) return out;
    bool const many = b.flow->over_time.size() > 1 && d_.for_all_flows.empty();
    if (many) out.insert(out.end(), {range(*b.flow), sparkline(*b.flow)});
    else out[0] += told(*b.flow);
    return out;
}

std::string Labels::told(Flow const& f) const {
    return "\u00a0 " + (d_.for_all_flows.empty() ? text(f, d_.clip) : d_.for_all_flows);
}

// ---- parameters -----------------------------------------------------------------------------------------------------

Label Labels::cell(Parameter const& p) const {
    bool const dark         = p.flow && shades_.dark(*p.flow);
    std::string const shape = html(p.shape.empty() ? "scalar" : text(p.shape)), heat = p.flow ? told(*p.flow) : "",
                      fill  = p.flow ? shades_.colour(*p.flow) : colour_of_parameter(p.colour),
                      paint = dark     ? "#eeeeee"
                              : p.flow ? "#222222"
                                       : "#666666";
    // The box around it may be dark, and its letters white.
    char const* const name = dark ? " color=\"white\"" : d_.coloured ? " color=\"black\"" : "";
    std::string const words =
        fmt::format("{} {}", in_font(fmt::format("point-size=\"9\"{}", name), html(p.name)),
                    in_font(fmt::format("point-size=\"8\" color=\"{}\"", paint), shape + html(heat)));
    Extent size = roomy(extent_of(words, letters));
    size.width += 6, size.height += 3;
    return {fixed_cell(words, size,
                       fmt::format(" bgcolor=\"{}\"{}", fill, titles_ ? " title=\"" + html(p.path) + "\"" : "")),
            size};
}

/// Cells beside each other, in rows of so many points, at least.
Label Labels::strip(Box const& b, double width) const {
    double const most = std::max(width, d_.horizontal ? narrowest_strip_in_time : narrowest_strip);
    std::string rows, row;
    Extent so_far, all;
    auto const end_row = [&] {
        rows +=
            "<tr><td>" + table("<tr>" + row + "</tr>", " cellborder=\"1\" color=\"#c9a227\"", so_far) + "</td></tr>";
        all = {std::max(all.width, so_far.width), all.height + so_far.height};
        row.clear(), so_far = {};
    };
    for (Parameter const& p : b.strip) {
        Label const c = cell(p);
        if (!row.empty() && so_far.width + c.size.width > most) end_row();
        row += c.markup, so_far = {so_far.width + c.size.width, std::max(so_far.height, c.size.height)};
    }
    end_row();
    return {table(rows, "", all), all};
}

}  // namespace unspool::core
