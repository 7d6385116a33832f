// What a picture says of itself as a whole.
#pragma once
#include <string>
#include <unspool/autograd/picture/subgraph.hpp>
#include <vector>

namespace unspool::core {

/// What its tape keeps, and which steps are left out or stand for others.
std::vector<std::string> notes(Subgraph const&);

}  // namespace unspool::core
