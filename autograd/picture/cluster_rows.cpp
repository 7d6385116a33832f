// Counts rows, and finds those that dot would set the other way round.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>
#include <unspool/autograd/picture/ranks.hpp>

namespace unspool::core {

ClusterRows::ClusterRows(Diagram const& d) : d_(d) {
    std::vector<int> next(d.clusters.size() + 1, 0);
    std::map<std::pair<int, int>, int> of_loop;  // by the cluster around it
    for (Cluster const& c : d.clusters) {
        int& n = next[at(c.parent + 1)];
        if (!c.step) row_.push_back(n++);
        else {
            auto const [it, fresh] = of_loop.try_emplace({c.parent, c.loop}, n);
            n += fresh;
            row_.push_back(it->second);
        }
    }
}

int ClusterRows::operator[](int cluster) const { return row_[at(cluster)]; }

int ClusterRows::of(int box, int cluster) const {
    for (int c = d_.boxes[at(box)].cluster; c >= 0; c = d_.clusters[at(c)].parent)
        if (d_.clusters[at(c)].parent == cluster) return row_[at(c)];
    return -1;
}

namespace {

/// A cluster around both ends of a link, in different rows of which they stand.
std::optional<int> around_rows(Diagram const& d, ClusterRows const& rows, Link const& l) {
    for (int c = d.boxes[at(l.to)].cluster; c >= 0; c = d.clusters[at(c)].parent) {
        int const outer = d.clusters[at(c)].parent, from = rows.of(l.from, outer);
        if (from >= 0) return from == rows.of(l.to, outer) ? std::nullopt : std::optional(outer);
    }
    return std::nullopt;
}

/// dot draws links within a column twice there, if they lead from what is written later.
void turn_links(Diagram& d, ClusterRows const& rows, std::vector<int> const& column) {
    for (Link& l : d.links) {
        auto const c = around_rows(d, rows, l);
        bool const flat =
            c && l.arrow && !l.backward && column[at(l.from)] >= 0 && column[at(l.from)] == column[at(l.to)];
        l.turned = flat && d.turned[at(*c + 1)];
    }
}

}  // namespace

/// Found by trying: dot sets the rows in a column that one box outside of them leads to in the order opposite to that of others.
void turn_rows(Diagram& d) {
    ClusterRows const rows(d);
    auto const column = column_of_boxes(d);
    std::map<std::tuple<int, int, int>, std::set<int>>
        led_to;  // by the cluster around the rows, the box and the column
    for (Link const& l : d.links)
        for (int c = d.boxes[at(l.to)].cluster; c >= 0; c = d.clusters[at(c)].parent)
            if (int const outer = d.clusters[at(c)].parent; rows.of(l.from, outer) < 0)
                led_to[{outer, l.from, column[at(l.to)]}].insert(rows[c]);
    d.turned.assign(d.clusters.size() + 1, false);
    for (auto const& [where, all] : led_to)
        if (all.size() > 1) d.turned[at(std::get<0>(where) + 1)] = true;
    turn_links(d, rows, column);
}

void turn_rows(Diagram& d, bool turned) {
    d.turned.assign(d.clusters.size() + 1, turned);
    turn_links(d, ClusterRows(d), column_of_boxes(d));
}

}  // namespace unspool::core
