// What is remembered of a link.
#include <algorithm>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/links.hpp>

namespace unspool::core {

Link& Links::add(int from, int to, std::string const& label, int vertex, bool whole) {
    auto const [it, fresh] = places_.try_emplace({from, to}, out_.size());
    if (fresh) out_.push_back({from, to}), passing_.push_back({vertex, whole});
    Link& l = out_[it->second];
    ++l.uses;
    if (passing_[it->second].vertex != vertex || !whole) passing_[it->second].whole = false;
    if (!label.empty() && std::find(l.labels.begin(), l.labels.end(), label) == l.labels.end())
        l.labels.push_back(label);
    return l;
}

/// Along a link on which all uses of a value lie, its whole adjoint came back.  A link within a step that stands for all has the course
/// of all; one that leads out of it is that of the step it leaves.
void add_norms(Diagram& out, Links const& links, Subgraph const& graph, GradientNorms const& norms) {
    for (std::size_t k = 0; k < out.links.size(); ++k) {
        auto const [u, whole] = links.passing(k);
        if (u < 0 || !whole || out.links[k].uses != graph[u].uses) continue;
        Box const& to      = out.boxes[at(out.links[k].to)];
        bool const for_all = graph.rolled_around(to.cluster) && graph.shown_as(u) >= 0;
        if (!for_all) out.links[k].flow = norms.of(*graph[u].window);
        else out.links[k].flow = to.entry ? to.flow : norms.of_unit(graph.shown_as(u));
    }
}

}  // namespace unspool::core
