// Finds which boxes can stand one above the other: in a time step, so that time alone takes up the width of a picture, and in the
// same step of several loops, so that layers are rows.
#include <algorithm>
#include <map>
#include <numeric>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/ranks.hpp>

namespace unspool::core {

namespace {

using Successors = std::vector<std::vector<int>>;  // of each box, where they go

/// Those to an earlier step are turned round, so that time goes on along all of them.
Successors links_of(Diagram const& d) {
    Successors next(d.boxes.size());
    for (Link const& l : d.links)
        if (l.from != l.to) next[at(l.backward ? l.to : l.from)].push_back(l.backward ? l.from : l.to);
    return next;
}

/// Boxes that may become one column: of the part `k` of step `t` of a loop.
struct Column {
    std::vector<int> boxes;
    int loop;
    Index t;
    int k;
};

/// The columns of one step after the other.
class Arrangement {
public:
    Arrangement(Diagram const& d, Successors const& links)
        : d_(d)
        , links_(links)
        , column_of_(d.boxes.size())
        , local_(d.boxes.size(), -1)
        , step_of_(d.clusters.size(), -1)
        , clusters_(d.clusters.size())
        , boxes_(d.clusters.size()) {
        std::iota(column_of_.begin(), column_of_.end(), 0);
        gather();
    }
    std::vector<Column> arrange() {
        for (std::size_t s = 0; s < clusters_.size(); ++s)
            for (int c : clusters_[s]) arrange(c, static_cast<int>(s));
        return std::move(out_);
    }

private:
    void gather() {
        for (std::size_t c = 0; c < d_.clusters.size(); ++c) {
            int const outer = d_.clusters[c].parent;
            step_of_[c]     = d_.clusters[c].step ? static_cast<int>(c) : outer >= 0 ? step_of_[at(outer)] : -1;
            if (step_of_[c] >= 0) clusters_[at(step_of_[c])].push_back(static_cast<int>(c));
        }
        for (std::size_t b = 0; b < d_.boxes.size(); ++b)
            for (int c = d_.boxes[b].cluster; c >= 0; c = d_.clusters[at(c)].parent)
                if (step_of_[at(c)] == c) boxes_[at(c)].push_back(static_cast<int>(b));
    }
    bool inside(int box, int cluster) const {
        return d_.boxes[at(box)].cluster == cluster && is_equation(d_.boxes[at(box)]);
    }

    void arrange(int cluster, int step) {
        auto const& boxes  = boxes_[at(step)];
        auto const entered = entrances(cluster, boxes);
        std::map<int, std::vector<int>> columns;
        for (std::size_t b = 0; b < boxes.size(); ++b)
            if (inside(boxes[b], cluster) && entered[b] >= 0) columns[entered[b]].push_back(boxes[b]);
        for (auto& [n, column] : columns) {
            for (int b : column) column_of_[at(b)] = column[0];
            int const k = out_.empty() || out_.back().loop != d_.clusters[at(step)].loop ||
                                  out_.back().t != d_.clusters[at(step)].t
                              ? 0
                              : out_.back().k + 1;
            out_.push_back({std::move(column), d_.clusters[at(step)].loop, d_.clusters[at(step)].t, k});
        }
    }

    /// How often a path of links to a box of this step leaves a cluster and comes back, at most; -1 where links go round in a
    /// circle.  A column that was arranged already is one place on the path, so that no path leads back to it.
    std::vector<int> entrances(int cluster, std::vector<int> const& boxes) {
        std::size_t const n = boxes.size();
        for (std::size_t b = 0; b < n; ++b) local_[at(boxes[b])] = static_cast<int>(b);
        Successors next(n);
        std::vector<int> open(n, 0), entered(n, -1), so_far(n, 0), ready;
        for (int b : boxes)
            for (int to : links_[at(b)]) {
                int const from  = local_[at(column_of_[at(b)])],
                          there = local_[at(to)] < 0 ? -1 : local_[at(column_of_[at(to)])];
                if (there >= 0 && from != there) next[at(from)].push_back(there), ++open[at(there)];
            }
        std::vector<bool> met(n, false);  // has a path to the box been in the cluster?
        for (std::size_t b = 0; b < n; ++b)
            if (open[b] == 0) ready.push_back(static_cast<int>(b));
        while (!ready.empty()) {
            int const b = ready.back();
            ready.pop_back();
            entered[at(b)] = so_far[at(b)];
            met[at(b)]     = met[at(b)] || inside(boxes[at(b)], cluster);
            for (int to : next[at(b)]) {
                bool const again = met[at(b)] && !inside(boxes[at(b)], cluster) && inside(boxes[at(to)], cluster);
                met[at(to)]      = met[at(to)] || met[at(b)];
                so_far[at(to)]   = std::max(so_far[at(to)], entered[at(b)] + again);
                if (--open[at(to)] == 0) ready.push_back(to);
            }
        }
        for (int b : boxes) local_[at(b)] = -1;
        return entered;
    }

    Diagram const& d_;
    Successors const& links_;
    std::vector<int> column_of_;  // the first box of the column that a box stands in
    std::vector<int> local_;
    std::vector<int> step_of_;                // of each cluster
    std::vector<std::vector<int>> clusters_;  // of each step
    std::vector<std::vector<int>> boxes_;     // of each step, with all that is inside
    std::vector<Column> out_;
};

/// Joins the columns of loops that go along with each other.
class Alignment {
public:
    Alignment(Diagram const& d, Successors const& links, std::vector<Column> columns)
        : d_(d), links_(links), columns_(std::move(columns)) {
        for (std::size_t b = 0; b < d.boxes.size(); ++b)
            if (d.boxes[b].kind == Box::elision)
                columns_.push_back({{static_cast<int>(b)}, d.boxes[b].loop, d.boxes[b].t, -1});
        group_.resize(columns_.size());
        std::iota(group_.begin(), group_.end(), 0);
    }

    std::vector<std::vector<int>> align() {
        std::vector<int> loops;
        for (Column const& c : columns_)
            if (std::find(loops.begin(), loops.end(), c.loop) == loops.end() && loops.size() <= most_loops)
                loops.push_back(c.loop);
        if (loops.size() <= most_loops && d_.boxes.size() <= most_boxes)
            for (std::size_t b = 1; b < loops.size(); ++b)
                for (std::size_t a = 0; a < b; ++a)
                    if (join(loops[a], loops[b])) break;
        std::map<int, std::vector<int>> all;
        for (std::size_t c = 0; c < columns_.size(); ++c)
            all[group_[c]].insert(all[group_[c]].end(), columns_[c].boxes.begin(), columns_[c].boxes.end());
        std::vector<std::vector<int>> out;
        for (auto& [n, boxes] : all)
            if (boxes.size() > 1) out.push_back(std::move(boxes));
        return out;
    }

private:
    static constexpr std::size_t most_loops = 16, most_boxes = 20'000;  // more would take long, and no one could see it

    /// Unless they have other steps, or some path would have to go back in time.
    bool join(int a, int b) {
        std::map<std::pair<Index, int>, int> place;
        for (std::size_t c = 0; c < columns_.size(); ++c)
            if (columns_[c].loop == a) place[{columns_[c].t, columns_[c].k}] = group_[c];
        std::vector<int> const before = group_;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            if (columns_[c].loop != b) continue;
            auto const it = place.find({columns_[c].t, columns_[c].k});
            if (it == place.end()) return group_ = before, false;
            group_[c] = it->second;
        }
        if (in_order()) return true;
        group_ = before;
        return false;
    }

    /// Do links lead from columns to later ones only?
    bool in_order() const {
        std::vector<int> place(d_.boxes.size());
        std::iota(place.begin(), place.end(), static_cast<int>(columns_.size()));
        for (std::size_t c = 0; c < columns_.size(); ++c)
            for (int b : columns_[c].boxes) place[at(b)] = group_[c];
        std::size_t const n = columns_.size() + d_.boxes.size();
        Successors next(n);
        std::vector<int> open(n, 0), ready;
        for (std::size_t b = 0; b < links_.size(); ++b)
            for (int to : links_[b])
                if (place[b] != place[at(to)]) next[at(place[b])].push_back(place[at(to)]), ++open[at(place[at(to)])];
        for (std::size_t i = 0; i < n; ++i)
            if (open[i] == 0) ready.push_back(static_cast<int>(i));
        std::size_t done = 0;
        for (; !ready.empty(); ++done) {
            int const i = ready.back();
            ready.pop_back();
            for (int to : next[at(i)])
                if (--open[at(to)] == 0) ready.push_back(to);
        }
        return done == n;
    }

    Diagram const& d_;
    Successors const& links_;
    std::vector<Column> columns_;
    std::vector<int> group_;  // of each column
};

}  // namespace

std::vector<std::vector<int>> columns_of(Diagram const& d) {
    Successors const links = links_of(d);
    return Alignment(d, links, Arrangement(d, links).arrange()).align();
}

std::vector<int> column_of_boxes(Diagram const& d) {
    std::vector<int> out(d.boxes.size(), -1);
    for (std::size_t c = 0; c < d.columns.size(); ++c)
        for (int b : d.columns[c]) out[at(b)] = static_cast<int>(c);
    return out;
}

}  // namespace unspool::core
