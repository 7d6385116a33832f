// Finds such links, and puts a junction beside each step.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/buses.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>

namespace unspool::core {

namespace {

/// A step of a loop, or the steps left out, as they stand in time.
struct Moment {
    int loop;
    Index t;
    auto operator<=>(Moment const&) const = default;
};

class Buses {
public:
    explicit Buses(Diagram& d) : d_(d), rows_(d) {}

    void add() {
        set_levels();
        collect();
        distribute();
        std::vector<Link> links;
        for (std::size_t k = 0; k < d_.links.size(); ++k)
            if (!replaced_.contains(k)) links.push_back(std::move(d_.links[k]));
        d_.links = std::move(links);
    }

private:
    using Ends = std::vector<std::size_t>;  // numbers of links

    bool within(int box, int cluster) const {
        int c = d_.boxes[at(box)].cluster;
        while (c >= 0 && c != cluster) c = d_.clusters[at(c)].parent;
        return c == cluster;
    }
    bool in_a_step(int box) const {
        if (d_.boxes[at(box)].kind == Box::elision) return true;
        int c = d_.boxes[at(box)].cluster;
        while (c >= 0 && !d_.clusters[at(c)].step) c = d_.clusters[at(c)].parent;
        return c >= 0;
    }

    /// The row in which a box stands, as seen from a cluster around it; -1 if it is not inside of one of its rows.
    int row(int box, int cluster) const {
        if (d_.boxes[at(box)].kind == Box::elision && d_.boxes[at(box)].cluster == cluster)
            return row_of_loop(d_.boxes[at(box)].loop);
        return rows_.of(box, cluster);
    }
    int row_of_loop(int loop) const {
        for (std::size_t c = 0; c < d_.clusters.size(); ++c)
            if (d_.clusters[c].step && d_.clusters[c].loop == loop) return rows_[static_cast<int>(c)];
        return -1;
    }

    /// Boxes come after those that they are computed from, but for links back in time.
    void set_levels() {
        for (std::size_t b = 0; b < d_.boxes.size(); ++b)
            if (!in_a_step(static_cast<int>(b))) d_.boxes[b].level = 0;
        for (bool changed = true; changed;) {
            changed = false;
            for (Link const& l : d_.links) {
                Box& to = d_.boxes[at(l.to)];
                if (to.level < 0 || l.backward) continue;
                Box const& from = d_.boxes[at(l.from)];
                int const level =
                    from.cluster == to.cluster && from.level >= 0 ? from.level : row(l.from, to.cluster) + 1;
                changed |= level > to.level, to.level = std::max(to.level, level);
            }
        }
    }

    bool in_loop(int box, int loop) const {
        Box const& b = d_.boxes[at(box)];
        if (b.kind == Box::elision && b.loop == loop) return true;
        for (int c = b.cluster; c >= 0; c = d_.clusters[at(c)].parent)
            if (d_.clusters[at(c)].step && d_.clusters[at(c)].loop == loop) return true;
        return false;
    }
    /// The outermost step around a box that another box is not in.
    std::optional<Moment> moment(int box, int other) const {
        Box const& b   = d_.boxes[at(box)];
        auto const out = outermost_apart(box, other);
        bool const gap = !out && b.kind == Box::elision && !in_loop(other, b.loop);
        return gap ? std::optional(Moment{b.loop, b.t}) : out;
    }
    std::optional<Moment> outermost_apart(int box, int other) const {
        std::optional<Moment> out;
        for (int c = d_.boxes[at(box)].cluster; c >= 0; c = d_.clusters[at(c)].parent)
            if (d_.clusters[at(c)].step && !within(other, c))
                out = Moment{d_.clusters[at(c)].loop, d_.clusters[at(c)].t};
        return out;
    }
    /// The cluster around all steps of a loop.
    int around(int loop) const {
        for (Cluster const& c : d_.clusters)
            if (c.step && c.loop == loop) return c.parent;
        return -1;
    }
    bool usual(Link const& l) const { return !l.recurrent && !l.backward && !l.detached && l.from != l.to; }

    // ---- from steps to what is computed of them ---------------------------------------------------------------------

    void collect() {
        std::map<std::pair<int, int>, Ends> all;  // by loop and target
        for (std::size_t k = 0; k < d_.links.size(); ++k) {
            Link const& l   = d_.links[k];
            auto const from = usual(l) ? moment(l.from, l.to) : std::nullopt;
            if (from && !moment(l.to, l.from)) all[{from->loop, l.to}].push_back(k);
        }
        std::map<std::pair<int, std::vector<int>>, std::vector<int>> targets;  // by loop and sources: they share a line
        for (auto const& [key, links] : all) {
            std::vector<int> sources;
            for (std::size_t k : links) sources.push_back(d_.links[k].from);
            std::sort(sources.begin(), sources.end());
            if (moments(sources, key.second).size() > 1) targets[{key.first, sources}].push_back(key.second);
        }
        for (auto const& [key, to] : targets) {
            std::map<std::pair<int, int>, Ends> own;
            for (int target : to) own[{key.first, target}] = all.at({key.first, target});
            collect(key.first, key.second, own);
        }
    }
    std::map<Moment, std::vector<int>> moments(std::vector<int> const& boxes, int other) const {
        std::map<Moment, std::vector<int>> out;
        for (int b : boxes) out[*moment(b, other)].push_back(b);
        return out;
    }
    void collect(int loop, std::vector<int> const& sources, std::map<std::pair<int, int>, Ends> const& by_target) {
        int const first_target = by_target.begin()->first.second;
        std::map<int, int> junction_of;  // of each source
        int last = -1;
        for (auto const& [when, boxes] : moments(sources, first_target)) {
            int const j = junction(loop, boxes.back(), true);
            for (int b : boxes) junction_of[b] = j;
            if (last >= 0) line(last, j);
            last = j;
        }
        ++buses_;
        for (auto const& [key, links] : by_target) {
            Link end{last, key.second};
            for (std::size_t k : links) {
                Link& l = d_.links[k];
                for (auto& label : l.labels)
                    if (std::find(end.labels.begin(), end.labels.end(), label) == end.labels.end())
                        end.labels.push_back(label);
                l.labels.clear();
                if (key.second == first_target) l.to = junction_of.at(l.from), l.arrow = false;
                else replaced_.insert(k);
            }
            d_.links.push_back(std::move(end));
        }
    }

    // ---- from one value to steps that use it ------------------------------------------------------------------------

    void distribute() {
        std::map<std::pair<int, int>, Ends> all;  // by loop and source
        for (std::size_t k = 0; k < d_.links.size(); ++k) {
            Link const& l = d_.links[k];
            auto const to = usual(l) && !replaced_.contains(k) ? moment(l.to, l.from) : std::nullopt;
            if (to && !moment(l.from, l.to) && d_.boxes[at(l.from)].kind != Box::junction)
                all[{to->loop, l.from}].push_back(k);
        }
        std::map<std::tuple<int, bool, std::vector<int>>, std::vector<int>> sources;  // by loop, side and targets
        for (auto const& [key, links] : all) {
            std::vector<int> targets;
            for (std::size_t k : links) targets.push_back(d_.links[k].to);
            std::sort(targets.begin(), targets.end());
            Box const& source = d_.boxes[at(key.second)];
            bool const above  = source.level > row(targets[0], source.cluster);
            if (moments(targets, key.second).size() > 1) sources[{key.first, above, targets}].push_back(key.second);
        }
        for (auto const& [key, from] : sources) {
            auto const& [loop, above, targets] = key;
            int last                           = -1;
            std::map<int, int> junction_of;  // of each target
            for (auto const& [when, boxes] : moments(targets, from[0])) {
                int const j = junction(loop, boxes.front(), above);
                for (int b : boxes) junction_of[b] = j;
                if (last >= 0) line(last, j);
                else
                    for (int source : from) line(source, j);
                last = j;
            }
            ++buses_;
            for (int source : from)
                for (std::size_t k : all.at({loop, source}))
                    lead_from(junction_of.at(d_.links[k].to), k, source == from[0]);
        }
    }
    /// Of links from several sources to one box, the first is drawn.
    void lead_from(int junction, std::size_t link, bool first) {
        if (first) d_.links[link].from = junction;
        else replaced_.insert(link);
    }

    // -----------------------------------------------------------------------------------------------------------------

    /// Above or below a box, in its column, unless there is one there: for dot finds no way around two.
    int junction(int loop, int box, bool above) {
        int const j = static_cast<int>(d_.boxes.size());
        d_.boxes.push_back(
            {.kind = Box::junction, .cluster = around(loop), .loop = loop, .level = above, .bus = buses_});
        auto column = std::find_if(d_.columns.begin(), d_.columns.end(),
                                   [&](auto const& c) { return std::find(c.begin(), c.end(), box) != c.end(); });
        if (column == d_.columns.end()) column = d_.columns.insert(column, {box});
        bool const taken = std::any_of(column->begin(), column->end(), [&](int b) {
            return d_.boxes[at(b)].kind == Box::junction && d_.boxes[at(b)].loop == loop &&
                   d_.boxes[at(b)].level == above;
        });
        if (!taken) column->push_back(j);
        return j;
    }
    void line(int from, int to) {
        d_.links.push_back({from, to});
        d_.links.back().arrow = false;
    }

    Diagram& d_;
    ClusterRows rows_;
    int buses_ = 0;
    std::set<std::size_t> replaced_;  // links that now go along those of another box
};

}  // namespace

void add_buses(Diagram& d) { Buses(d).add(); }

}  // namespace unspool::core
