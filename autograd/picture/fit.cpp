// Sets columns one after the other.
#include <algorithm>
#include <numeric>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/fit.hpp>
#include <unspool/autograd/picture/label.hpp>

namespace unspool::core {

namespace {

constexpr double between_columns = 14.4, step_border = 8, outer_margin = 11;  // points

/// Of each box, the first that stands in its column.
std::vector<int> places(Diagram const& d) {
    std::vector<int> out(d.boxes.size());
    std::iota(out.begin(), out.end(), 0);
    for (auto const& column : d.columns)
        for (int b : column) out[at(b)] = column.front();
    return out;
}

int depth(Diagram const& d, int box) {
    int n = 0;
    for (int c = d.boxes[at(box)].cluster; c >= 0; c = d.clusters[at(c)].parent) ++n;
    return n;
}

}  // namespace

double widest(double page) { return page / least_print * small_print; }

/// Each column begins behind those that lead to it, and behind the borders of its steps.
double width_of(Diagram const& d) {
    auto const place = places(d);
    ColourMap const shades(d);
    Labels const labels(d, shades, false);
    std::size_t const n = d.boxes.size();
    std::vector<double> width(n, 0), begin(n, 0);
    for (std::size_t b = 0; b < n; ++b)
        if (d.boxes[b].kind != Box::junction)
            width[at(place[b])] = std::max(width[at(place[b])], labels.of(d.boxes[b]).size.width);
    std::vector<std::vector<std::pair<int, double>>> next(n);
    std::vector<int> waits(n, 0);
    for (Link const& l : d.links) {
        int const from = place[at(l.backward ? l.to : l.from)], to = place[at(l.backward ? l.from : l.to)];
        if (from == to) continue;
        bool const beside = d.boxes[at(l.from)].level >= 0 || d.boxes[at(l.to)].level >= 0;
        int const borders = l.recurrent ? 2 : 0;
        next[at(from)].push_back({to, beside ? -1 : between_columns + borders * step_border});
        ++waits[at(to)];
    }
    std::vector<int> ready;
    double right = 0;
    int deepest  = 0;
    for (std::size_t b = 0; b < n; ++b)
        if (deepest = std::max(deepest, depth(d, static_cast<int>(b))); waits[b] == 0)
            ready.push_back(static_cast<int>(b));
    while (!ready.empty()) {
        int const b = ready.back();
        ready.pop_back();
        double const end = begin[at(b)] + width[at(b)];
        right            = std::max(right, end);
        for (auto const& [to, gap] : next[at(b)]) {
            begin[at(to)] = std::max(begin[at(to)], gap < 0 ? begin[at(b)] : end + gap);
            if (--waits[at(to)] == 0) ready.push_back(to);
        }
    }
    return right + 2 * (deepest * step_border + outer_margin);
}

}  // namespace unspool::core
