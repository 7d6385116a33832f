// Finds the innermost cluster around both ends of a link.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/link_labels.hpp>
#include <unspool/autograd/picture/ranks.hpp>

namespace unspool::core {

namespace {

int cluster_around(Diagram const& d, Link const& l) {
    std::vector<int> around;
    for (int c = d.boxes[at(l.from)].cluster; c >= 0; c = d.clusters[at(c)].parent) around.push_back(c);
    int c = d.boxes[at(l.to)].cluster;
    while (c >= 0 && std::find(around.begin(), around.end(), c) == around.end()) c = d.clusters[at(c)].parent;
    return c;
}

}  // namespace

LinkLabels::LinkLabels(Diagram const& d, bool standing)
    : text_(d.links.size()), stands_(d.links.size(), false), in_(d.clusters.size() + 1) {
    auto const column = column_of_boxes(d);
    for (std::size_t k = 0; k < d.links.size(); ++k) {
        Link const& l = d.links[k];
        if (l.from != l.to && column[at(l.from)] >= 0 && column[at(l.from)] == column[at(l.to)]) continue;
        text_[k] = fmt::format("{}", fmt::join(l.labels, ", "));
        if (!standing || text_[k].empty() || l.recurrent || l.backward || l.from == l.to) continue;
        stands_[k] = true;
        in_[at(cluster_around(d, l) + 1)].push_back(k);
    }
}

bool LinkLabels::any_stands() const { return std::find(stands_.begin(), stands_.end(), true) != stands_.end(); }
std::vector<std::size_t> const& LinkLabels::standing_in(int cluster) const { return in_[at(cluster + 1)]; }

}  // namespace unspool::core
