// A diagram in the language of Graphviz.
#pragma once
#include <string>
#include <unspool/autograd/picture/diagram.hpp>
#include <utility>

namespace unspool::core {

std::string dot_text(Diagram const&, bool legend);
/// The same for a page, in which a script tells what tooltips would: what is drawn of box 2, link 0 and cluster 1 gets the ids
/// "<prefix>b2", "<prefix>l0", "<prefix>c1", and classes, such as name_of(Box::call).
std::string dot_text_for_page(Diagram const&, std::string const& prefix);
/// What the box of this number is called there: "n1".
std::string id_of_box(std::size_t);
/// Those of the two boxes of a link, in the order in which it is written: a link to an earlier step the other way round.
std::pair<std::string, std::string> ends_of(Link const&);

}  // namespace unspool::core
