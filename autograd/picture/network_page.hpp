// A graph as a part of a page of HTML: levels to choose from, to zoom into, to fold, and to search.
#pragma once
#include <string>
#include <unspool/autograd/picture/graph.hpp>
#include <vector>

namespace unspool::core {

struct NetworkPage {
    std::string body;       ///< elements, data and script, which use network_style and make_script
    std::string complaint;  ///< why there is none, if dot did not lay out what the options ask for
    std::string dot;        ///< that
};

/// The view that the options ask for, and beside it, modules to each depth, statements, and each of them rolled up: as many as `time_limit`
/// and so many bytes allow.  Each is laid out by the program dot.  Throws what a picture of all views would throw, if there is none that
/// would not.
NetworkPage network_page(std::vector<Var> const& results, GraphOptions const&, std::size_t most_bytes);

/// Of the elements in the body of such a page, at the size that it has there.
std::string network_style();

}  // namespace unspool::core
