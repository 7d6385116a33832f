// How wide a text is, without any font: pictures are laid out alike wherever they are drawn.
#pragma once
#include <string_view>

namespace unspool::core {

/// In points, of UTF-8 in a font with the metrics of Helvetica, which Arial, Liberation Sans and Nimbus Sans have, too.
double text_width(std::string_view, double points, bool bold = false);

struct Extent {
    double width = 0, height = 0;
};
/// Of a text with the marks of Graphviz's HTML-like labels that pictures use: <b>, <font point-size>, <br> and entities.
Extent extent_of(std::string_view marked_up, double points);

}  // namespace unspool::core
