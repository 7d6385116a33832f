// A diagram in the language of Graphviz.
#pragma once
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

std::string dot_text(Diagram const&, bool legend);
/// What the box of this number is called there: "n1".
std::string id_of_box(std::size_t);

}  // namespace unspool::core
