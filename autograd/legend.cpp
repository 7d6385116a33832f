// The legend below a picture: kinds of boxes, the scale of gradients, and notes.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/legend.hpp>
#include <unspool/autograd/markup.hpp>

namespace unspool {

namespace {

constexpr int steps_of_scale = 16;

std::string cell(std::string const& s) { return "<td>" + s + "</td>"; }
std::string swatch(char const* fill, char const* line, char const* inside = "\u00a0\u00a0", char const* style = "") {
    return fmt::format("<td border=\"1\" bgcolor=\"{}\" color=\"{}\"{}>{}</td>", fill, line, style, inside);
}
std::string row(std::string const& cells) {
    return "<tr><td align=\"left\"><table border=\"0\" cellborder=\"0\" cellspacing=\"4\" cellpadding=\"1\"><tr>" + cells +
           "</tr></table></td></tr>";
}

std::string kinds(Diagram const& d) {
    auto const  has   = [&](auto const& f) { return std::any_of(d.boxes.begin(), d.boxes.end(), f); };
    auto const  links = [&](auto const& f) { return std::any_of(d.links.begin(), d.links.end(), f); };
    std::string out;
    for (auto const& [kind, words] : {std::pair{Box::input, "input"},
                                      {Box::constant, "constant"},
                                      {Box::parameters, "parameters"},
                                      {Box::statement, "equation"},
                                      {Box::call, "array operation"},
                                      {Box::module, "module"},
                                      {Box::reference, "from another step or module"}})
        if (has([&, k = kind](Box const& b) { return b.kind == k; })) out += swatch(colours(kind).fill, colours(kind).line) + cell(words);
    if (links([](Link const& l) { return l.recurrent; }))
        out += cell("<font color=\"#3b6ea5\"><b>→</b></font>") + cell("to another time step");
    if (links([](Link const& l) { return l.detached; })) out += cell("- - →") + cell("detached: no gradient");
    return row(out);
}

/// The colours of the least to the greatest norm, and how others are marked.
std::string scale(Diagram const& d, Shades const& shades) {
    std::string out = cell("‖∇‖");
    if (!shades.empty()) {
        std::string bar;
        for (int i = 0; i < steps_of_scale; ++i)
            bar += fmt::format("<td bgcolor=\"{}\">\u00a0\u00a0</td>", Shades::at((i + 0.5) / steps_of_scale));
        out += cell(fmt::format("{:.1e}", std::pow(10, shades.low()))) +
               cell("<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\"><tr>" + bar + "</tr></table>") +
               cell(fmt::format("{:.1e}, log scale", std::pow(10, shades.high())));
    }
    auto const has = [&](Flow::Kind k) {
        return std::any_of(d.boxes.begin(), d.boxes.end(), [&](Box const& b) { return b.flow && b.flow->kind == k; });
    };
    if (has(Flow::zero)) out += swatch("#ffffff", "#777777", "0", " style=\"dashed\"") + cell("dashed: zero");
    if (has(Flow::unreached))
        out += swatch("#ffffff", "#777777", "\u00a0\u00a0", " style=\"dotted\"") + cell("dotted: the loss does not depend on it");
    if (has(Flow::not_finite)) out += swatch("#ffffff", "#c00000", "NaN") + cell("octagon: NaN or infinite");
    if (has(Flow::clipped)) out += cell(fmt::format("double border: above {:.2g}, clipped", d.clip));
    if (std::any_of(d.boxes.begin(), d.boxes.end(), [](Box const& b) { return b.flow && b.flow->over_time.size() > 1; }))
        out += cell("least · median · greatest over time, and their course, ▁ to █ on a log scale");
    return row(out);
}

std::string notes(Diagram const& d) {
    std::string out;
    for (auto const& n : d.notes) out += (out.empty() ? "" : " · ") + html(n);
    return row(cell(out));
}

}  // namespace

std::string legend(Diagram const& d, Shades const& shades) {
    return "<font point-size=\"9\"><table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"0\">" + kinds(d) +
           (d.coloured ? scale(d, shades) : "") + notes(d) + "</table></font>";
}

}  // namespace unspool
