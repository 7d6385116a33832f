// The program dot, and the files that pictures are written to.
#pragma once
#include <string>

namespace unspool::core {

/// The bytes of a picture, or what kept dot from drawing it.
struct Rendered {
    std::string picture;
    std::string complaint;  // empty if all is well
    bool failed = false;    // dot ran to its end, but did not draw all of it
};
/// What the program dot makes of a graph.  `format` is one that it knows: "svg".
Rendered rendered(std::string const& dot, std::string const& format, double seconds);

/// A graph as an element <svg> of a page.  FileError as of Graph::write.
std::string svg_element(std::string const& dot, double seconds);

/// Leaves the graph beside the file that it should have become, and throws FileError.
[[noreturn]] void refuse_to_draw(std::string const& to, std::string const& dot, std::string const& complaint);

/// Writes that to a file, which appears whole or not at all.  FileError; if dot does not draw it, the graph is left beside it.
void render(std::string const& dot, std::string const& to, std::string const& format, double seconds);

}  // namespace unspool::core
