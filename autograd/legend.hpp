// What the colours of a picture mean.
#pragma once
#include <string>
#include <unspool/autograd/diagram.hpp>
#include <unspool/autograd/shades.hpp>

namespace unspool {

struct Colours {
    char const *fill, *line;
};
Colours     colours(Box::Kind);
char const* colour_of_parameter(int n);

/// Lines, in the HTML of Graphviz, on what there is in this picture.
std::string legend(Diagram const&, Shades const&);

}  // namespace unspool
