// What the colours of a picture mean.
#pragma once
#include <string>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

struct Colours {
    char const *fill, *line;
};
Colours colours(Box::Kind);
char const* colour_of_parameter(int n);  // they repeat after so many:
inline constexpr int colours_of_parameters = 10;

/// Lines, in the HTML of Graphviz, on what there is in this picture.
std::string legend(Diagram const&, ColourMap const&);

}  // namespace unspool::core
