// Texts and shapes.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/svg.hpp>

namespace unspool::core {

namespace {

constexpr double of_letter = 7.6;  // pixels

}  // namespace

double width_of(std::string_view s) { return of_letter * static_cast<double>(columns(s)); }

std::string svg_text(std::string_view s, double room) {
    auto const letters     = static_cast<std::size_t>(std::max(room / of_letter + 1e-6, 8.0));
    std::string const line = utf8::one_line(s, 1000);
    return html_text(columns(line) <= letters ? line : elided(line, letters));
}

Svg::Svg(Index width, Index height)
    : svg_(fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
                       "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
                       "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
                       width, height)) {}

void Svg::text(double x, double y, std::string const& words, std::string_view anchor, std::string_view more) {
    svg_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, words);
}

void Svg::turned_text(double x, double y, std::string const& words) {
    text(x, y, words, "middle", fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", x, y));
}

void Svg::rect(double x, double y, double width, double height, std::string_view fill) {
    svg_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
                        "shape-rendering=\"crispEdges\"/>\n",
                        x, y, width, height, fill);
}

void Svg::path(std::string const& d, std::string_view attributes) {
    if (!d.empty()) svg_ += fmt::format("<path d=\"{}\" fill=\"none\" {}/>\n", d, attributes);
}

}  // namespace unspool::core
