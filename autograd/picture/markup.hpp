// Text as Graphviz reads it: whatever the bytes, it shows, and is nothing but text.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/formula/notation.hpp>
#include <vector>

namespace unspool::core {

/// Text of an HTML-like label.  What is very long is shortened in its middle.
std::string html(std::string_view);
/// A quoted attribute, in which Graphviz reads backslashes so many times.
std::string attribute(std::string_view, int readings = 1);
/// A tooltip: each line is one.
std::string tooltip(std::string_view);

/// Breaks an equation, with a text before it, at its outermost operators, where it grows longer than so many characters.
std::vector<std::string> lines_of(std::string_view before, Printed const& equation, std::size_t length);

}  // namespace unspool::core
