// Files of pictures that are drawn as SVG.
#pragma once
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// Writes a picture to a file that ends in .svg; or in .png or .pdf, by the program rsvg-convert, in so many seconds.  The file is
/// there whole, or, after an error, as it was.  FileError where it cannot be written, and where rsvg-convert is needed and not
/// installed, fails or takes longer.
void save_svg(std::string const& svg, std::string const& path, double seconds);
/// ValueError unless a file ends in one of those, and its picture has 200 pixels in both directions at least.
void require_picture(std::string const& path, Index width, Index height, Where);

}  // namespace unspool::core
