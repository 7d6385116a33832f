// What a page says of a graph, and what its user does to it.
#pragma once

namespace unspool::core {

extern char const* const network_panel_script;

}  // namespace unspool::core
