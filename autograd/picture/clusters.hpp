// Which scopes of a diagram are drawn around its boxes.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/subgraph.hpp>

namespace unspool::core {

/// Makes clusters of the frames that boxes are in.  Before, a box's cluster is the number of its frame.
void arrange_clusters(Diagram&, Subgraph const&);

}  // namespace unspool::core
