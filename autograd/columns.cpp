// Finds which boxes of a time step can stand one above the other, so that time alone takes up the width of a picture.
#include <algorithm>
#include <map>
#include <numeric>
#include <unspool/autograd/diagram.hpp>

namespace unspool {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

class Arrangement {
public:
    explicit Arrangement(Diagram const& d) : d_(d), column_of_(d.boxes.size()) { std::iota(column_of_.begin(), column_of_.end(), 0); }

    std::vector<std::vector<int>> arrange() {
        for (int c = 0; c < static_cast<int>(d_.clusters.size()); ++c)
            if (in_a_step(c)) arrange(c);
        return std::move(out_);
    }

private:
    bool in_a_step(int cluster) const {
        while (cluster >= 0 && !d_.clusters[at(cluster)].step) cluster = d_.clusters[at(cluster)].parent;
        return cluster >= 0;
    }
    bool inside(int box, int cluster) const { return d_.boxes[at(box)].cluster == cluster && is_equation(d_.boxes[at(box)]); }

    void arrange(int cluster) {
        std::map<int, std::vector<int>> columns;
        auto const                      entered = entrances(cluster);
        for (int b = 0; b < static_cast<int>(entered.size()); ++b)
            if (inside(b, cluster) && entered[at(b)] >= 0) columns[entered[at(b)]].push_back(b);
        for (auto& [n, boxes] : columns) {
            for (int b : boxes) column_of_[at(b)] = boxes[0];
            if (boxes.size() > 1) out_.push_back(std::move(boxes));
        }
    }

    /// The links between columns, as lists of where they go.
    std::vector<std::vector<int>> links() const {
        std::vector<std::vector<int>> next(column_of_.size());
        for (Link const& l : d_.links) {
            int const from = column_of_[at(l.backward ? l.to : l.from)], to = column_of_[at(l.backward ? l.from : l.to)];
            if (from != to) next[at(from)].push_back(to);
        }
        return next;
    }

    /// How often a path of links to a box leaves a cluster and comes back, at most; -1 where links go round in a circle.
    /// A column that was arranged already is one place on the path, so that no path leads back to it.
    std::vector<int> entrances(int cluster) const {
        auto const        next = links();
        std::vector<int>  open(next.size(), 0), entered(next.size(), -1), so_far(next.size(), 0), ready;
        std::vector<bool> met(next.size(), false);  // has a path to the box been in the cluster?
        for (auto const& all : next)
            for (int to : all) ++open[at(to)];
        for (int b = 0; b < static_cast<int>(next.size()); ++b)
            if (open[at(b)] == 0) ready.push_back(b);
        while (!ready.empty()) {
            int const b = ready.back();
            ready.pop_back();
            entered[at(b)] = so_far[at(b)];
            met[at(b)]     = met[at(b)] || inside(b, cluster);
            for (int to : next[at(b)]) {
                bool const again = met[at(b)] && !inside(b, cluster) && inside(to, cluster);
                met[at(to)]      = met[at(to)] || met[at(b)];
                so_far[at(to)]   = std::max(so_far[at(to)], entered[at(b)] + again);
                if (--open[at(to)] == 0) ready.push_back(to);
            }
        }
        return entered;
    }

    Diagram const&                d_;
    std::vector<int>              column_of_;  // the first box of the column that a box stands in
    std::vector<std::vector<int>> out_;
};

}  // namespace

std::vector<std::vector<int>> columns_of(Diagram const& d) { return Arrangement(d).arrange(); }

}  // namespace unspool
