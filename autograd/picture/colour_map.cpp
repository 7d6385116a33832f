// Norms as colours, words and sparklines.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/sparkline.hpp>

namespace unspool::core {

namespace {

using Colour = std::array<int, 3>;
constexpr std::array<Colour, 10> viridis{{{0x44, 0x01, 0x54},
                                          {0x48, 0x28, 0x78},
                                          {0x3e, 0x49, 0x89},
                                          {0x31, 0x68, 0x8e},
                                          {0x26, 0x82, 0x8e},
                                          {0x1f, 0x9e, 0x89},
                                          {0x35, 0xb7, 0x79},
                                          {0x6e, 0xce, 0x58},
                                          {0xb5, 0xde, 0x2b},
                                          {0xfd, 0xe7, 0x25}}};

/// An order in which NaN comes last.
bool less(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

bool shows(Flow const& f) { return f.kind == Flow::usual || f.kind == Flow::clipped; }

}  // namespace

double typical(Flow const& f) {
    if (f.over_time.size() < 2) return f.norm;
    std::vector<double> sorted = f.over_time;
    std::nth_element(sorted.begin(), sorted.begin() + std::ssize(sorted) / 2, sorted.end(), less);
    return sorted[sorted.size() / 2];
}

ColourMap::ColourMap(Diagram const& d) {
    for (Box const& b : d.boxes) {
        note(b.flow);
        for (Parameter const& p : b.strip) note(p.flow);
    }
    for (Link const& l : d.links) note(l.flow);
    low_ = std::min(low_, high_ - 3);  // at least three decades
}

void ColourMap::note(std::optional<Flow> const& f) {
    if (!f || !shows(*f)) return;
    double const norm = typical(*f);
    if (!(norm > 0) || !std::isfinite(norm)) return;
    low_ = std::min(low_, std::log10(norm)), high_ = std::max(high_, std::log10(norm));
}

double ColourMap::place(Flow const& f) const {
    double const norm = typical(f);
    return norm > 0 && !empty() ? std::clamp((std::log10(norm) - low_) / (high_ - low_), 0., 1.) : 0;
}

std::string ColourMap::at(double place) {
    double const x      = std::clamp(place, 0., 1.) * (viridis.size() - 1);
    std::size_t const i = std::min(static_cast<std::size_t>(x), viridis.size() - 2);
    auto const mix      = [&](std::size_t c) {
        return static_cast<int>(
            std::lround(viridis[i][c] + (x - static_cast<double>(i)) * (viridis[i + 1][c] - viridis[i][c])));
    };
    return fmt::format("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2));
}

std::string ColourMap::colour(Flow const& f) const { return shows(f) ? at(place(f)) : "#ffffff"; }
bool ColourMap::dark(Flow const& f) const { return shows(f) && place(f) < 0.55; }
double ColourMap::width(Flow const& f) const { return shows(f) ? 1 + 3 * place(f) : 1; }

std::string text(Flow const& f, double clip) {
    switch (f.kind) {
        case Flow::usual: return fmt::format("‖∇‖ {:.2g}", f.norm);
        case Flow::zero: return "∇ = 0";
        case Flow::unreached: return "∇ unreached";
        case Flow::not_finite: return std::isnan(f.norm) ? "∇ NaN" : "∇ infinite";
        case Flow::clipped: return fmt::format("‖∇‖ {:.2g}, clipped at {:.2g}", f.norm, clip);
    }
    return "";
}

std::string range(Flow const& f) {
    if (f.over_time.size() < 2) return "";
    auto const [low, high] = std::minmax_element(f.over_time.begin(), f.over_time.end(), less);
    return fmt::format("‖∇‖ {:.2g} · {:.2g} · {:.2g}", *low, typical(f), *high);
}

std::string sparkline(Flow const& f) {
    if (f.over_time.size() < 2) return "";
    std::string out;
    for (char c : sparkline(f.over_time, {.width = 20})) c == ' ' ? out += "\u00a0" : out += c;  // which Graphviz keeps
    return out;
}

}  // namespace unspool::core
