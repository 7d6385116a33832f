// The look of a page of a graph, colours of boxes apart.
#pragma once

namespace unspool::core {

extern char const* const network_rules;

}  // namespace unspool::core
