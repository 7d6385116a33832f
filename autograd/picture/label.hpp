// What stands in a box, and how large it is.
#pragma once
#include <string>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/text_width.hpp>
#include <vector>

namespace unspool::core {

constexpr double small_print = 8;  // points, of the smallest letters

/// Markup of Graphviz, with its size in points.
struct Label {
    std::string markup;
    Extent size;
};

class Labels {
public:
    /// With the whole path of each parameter as a title, which is shown where one points at it.
    Labels(Diagram const& d, ColourMap const& shades, bool titles) : d_(d), shades_(shades), titles_(titles) {}

    Label of(Box const&) const;
    bool on_dark(Box const&) const;

private:
    std::string words(Box const&) const;
    std::string equation(Box const&) const;
    std::string module(Box const&) const;
    std::vector<std::string> extras(Box const&) const;
    std::string told(Flow const&) const;
    std::string small(std::string const&, Box const&) const;
    Label cell(Parameter const&) const;
    Label strip(Box const&, double width) const;

    Diagram const& d_;
    ColourMap const& shades_;
    bool titles_;
};

/// A text, on one or more lines, that takes up the same room whatever the font; with as much and more to the right of it, if it is the left half.
std::string fixed(std::string const& markup, double points, bool left_half = false);

}  // namespace unspool::core
