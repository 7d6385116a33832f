// The legend below a picture: kinds of boxes, the scale of gradients, and notes.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/picture/legend.hpp>
#include <unspool/autograd/picture/markup.hpp>

namespace unspool::core {

namespace {

constexpr int steps_of_scale = 24;

std::string in_colour(std::string_view colour, std::string_view s) {
    return fmt::format("<font color=\"{}\">{}</font>", colour, s);
}
// Spaces stand at the end of what is before them, because at the beginning some viewers leave them out.
std::string entry(std::string_view colour, std::string_view mark, std::string_view words) {
    return fmt::format("<font color=\"{}\">{}\u00a0</font>{}\u00a0\u00a0\u00a0\u00a0", colour, mark, words);
}
std::string row(std::string const& s) { return "<font point-size=\"13\">\u00a0</font>" + s + "<br align=\"left\"/>"; }
constexpr char const* grey = "#444444";

std::string kinds(Diagram const& d) {
    auto const has   = [&](auto const& f) { return std::any_of(d.boxes.begin(), d.boxes.end(), f); };
    auto const links = [&](auto const& f) { return std::any_of(d.links.begin(), d.links.end(), f); };
    auto const shown = [&](Box::Kind kind) {
        return has([&](Box const& b) { return b.kind == kind || (kind == Box::parameters && !b.strip.empty()); });
    };
    std::string out;
    for (auto const& [kind, words] : {std::pair{Box::input, "input"},
                                      {Box::constant, "constant"},
                                      {Box::parameters, "parameters"},
                                      {Box::statement, "equation"},
                                      {Box::call, "array operation"},
                                      {Box::module, "module"},
                                      {Box::reference, "from elsewhere"}})
        if (shown(kind)) out += entry(colours(kind).line, "■", words);
    if (links([](Link const& l) { return l.recurrent; })) out += entry("#3b6ea5", "→", "to another time step");
    if (links([](Link const& l) { return l.detached; })) out += entry(grey, "- - →", "detached: no gradient");
    return row(out);
}

std::string bar(ColourMap const& shades) {
    std::string out;
    for (int i = 0; i < steps_of_scale; ++i)
        out += in_colour(ColourMap::at((i + 0.5) / steps_of_scale), i + 1 < steps_of_scale ? "█" : "█\u00a0\u00a0");
    return entry(grey, "‖∇‖", fmt::format("{:.1e}", std::pow(10, shades.low()))) + out +
           fmt::format("{:.1e}, on a log scale\u00a0\u00a0\u00a0\u00a0", std::pow(10, shades.high()));
}

/// The colours of the least to the greatest norm, and how others are marked.
std::string scale(Diagram const& d, ColourMap const& shades) {
    auto const has = [&](Flow::Kind k) {
        return std::any_of(d.boxes.begin(), d.boxes.end(), [&](Box const& b) { return b.flow && b.flow->kind == k; });
    };
    std::string out = shades.empty() ? "" : bar(shades);
    if (has(Flow::zero)) out += entry(grey, "┄", "zero");
    if (has(Flow::unreached)) out += entry(grey, "····", "the loss does not depend on it");
    if (has(Flow::not_finite)) out += entry("#c00000", "octagon", "NaN or infinite");
    if (has(Flow::clipped)) out += entry(grey, "═", fmt::format("above {:.2g}: clipped", d.clip));
    if (std::any_of(d.boxes.begin(), d.boxes.end(),
                    [](Box const& b) { return b.flow && b.flow->over_time.size() > 1; }))
        return row(out) + row("least · median · greatest over time; ▁ … █: the course of its logarithm");
    return row(out);
}

std::string notes(Diagram const& d) {
    std::string out;
    for (auto const& n : d.notes) out += (out.empty() ? "" : " · ") + html(n);
    return row(out);
}

}  // namespace

std::string legend(Diagram const& d, ColourMap const& shades) {
    return "<font point-size=\"9\">" + kinds(d) + (d.coloured ? scale(d, shades) : "") + notes(d) + "</font>";
}

}  // namespace unspool::core
