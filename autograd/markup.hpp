// Text as Graphviz reads it: whatever the bytes, it shows, and is nothing but text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace unspool {

/// Text of an HTML-like label.  What is very long is shortened in its middle.
std::string html(std::string_view);
/// A quoted attribute, in which Graphviz reads backslashes so many times.
std::string attribute(std::string_view, int readings = 1);
/// A tooltip: each line is one.
std::string tooltip(std::string_view);

/// Breaks an equation at its outermost operators, where it grows longer than so many characters.
std::vector<std::string> lines_of(std::string_view equation, std::size_t length);

}  // namespace unspool
