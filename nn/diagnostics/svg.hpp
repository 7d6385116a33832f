// Elements of a picture in SVG.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

inline constexpr double height_of_line = 18;  ///< in pixels
/// How wide a text is at most, whatever the font.
double width_of(std::string_view);
/// A text on one line, escaped; of what is longer than there is room for, both ends.
std::string svg_text(std::string_view, double room);

class Svg {
public:
    Svg(Index width, Index height);  ///< white

    /// `words` as svg_text() gives them; further attributes.
    void text(double x, double y, std::string const& words, std::string_view anchor = "start",
              std::string_view more = "");
    void turned_text(double x, double y, std::string const& words);  ///< from below upwards, around its middle
    void rect(double x, double y, double width, double height, std::string_view fill);
    void path(std::string const& d, std::string_view attributes);
    std::string whole() const { return svg_ + "</svg>\n"; }

private:
    std::string svg_;
};

}  // namespace unspool::core
