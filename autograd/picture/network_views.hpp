// The views that a page of a graph has, each laid out.
#pragma once
#include <string>
#include <unspool/autograd/picture/diagram.hpp>
#include <vector>

namespace unspool::core {

struct NetworkView {
    std::string svg;   // an element, whose ids begin with the number of the view: "v0b3"
    std::string json;  // see network_json.hpp
};

struct NetworkViews {
    std::vector<NetworkView> all;       // that which the options ask for is the first
    Diagram first;                      // of that
    std::vector<std::string> left_out;  // and why
    std::string complaint, dot;         // if dot did not lay out the first
};

/// Of up to so many bytes, the first apart.
NetworkViews network_views(std::vector<Var> const& results, GraphOptions const&, std::size_t most_bytes);

}  // namespace unspool::core
