// Clusters of a drawing, what it says of itself as a whole, and the way from results to a diagram.
#include <fmt/format.h>
#include <unspool/autograd/drawing.hpp>
#include <unspool/autograd/elided.hpp>
#include <unspool/autograd/rolling.hpp>

namespace unspool {

namespace {

constexpr std::size_t longest_title = 600;  // bytes

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string text_of_bytes(std::size_t n) {
    if (n < 10'000) return fmt::format("{} B", n);
    double const kilo = static_cast<double>(n) / 1000;
    return kilo < 10'000 ? fmt::format("{:.3g} kB", kilo) : fmt::format("{:.4g} MB", kilo / 1000);
}

}  // namespace

// ---- clusters -------------------------------------------------------------------------------------------------------

/// Modules of a single equation are not drawn, and a scope that holds nothing but another shares its frame.
void Drawing::arrange_clusters() {
    std::size_t const n = reading_.frames().size();
    std::vector<int>  equations(n, 0), boxes(n, 0), children(n, 0), lifted(n, 0), cluster(n, -1);
    for (Box const& b : out_.boxes) equations[at(b.cluster)] += is_equation(b), ++boxes[at(b.cluster)];
    for (std::size_t f = n; f-- > 1;) {
        Frame const& frame = reading_.frames()[f];
        bool const   shown = children[f] > 0 || (boxes[f] > 0 && (frame.step >= 0 || equations[f] > 1));
        lifted[f]          = !shown;
        if (shown) ++children[at(frame.parent)];
        else boxes[at(frame.parent)] += boxes[f], equations[at(frame.parent)] += equations[f];
    }
    number_clusters(boxes, children, lifted, cluster);
    for (Box& b : out_.boxes) b.cluster = cluster[at(b.cluster)];
}

void Drawing::number_clusters(std::vector<int> const& boxes, std::vector<int> const& children, std::vector<int> const& lifted,
                              std::vector<int>& cluster) {
    std::vector<std::string> pending(cluster.size());  // titles of scopes that hold nothing but another
    for (std::size_t f = 1; f < cluster.size(); ++f) {
        Frame const& frame  = reading_.frames()[f];
        auto const   parent = at(frame.parent);
        cluster[f]          = cluster[parent];
        if (lifted[f]) continue;
        std::string const own  = title(static_cast<int>(f));
        std::string const full = pending[parent].empty() ? own : elided(pending[parent] + " · " + own, longest_title);
        if (boxes[f] == 0 && children[f] == 1) {
            pending[f] = full;
            continue;
        }
        cluster[f] = static_cast<int>(out_.clusters.size());
        out_.clusters.push_back({cluster[parent], full, frame.step >= 0, frame.loop, frame.step});
    }
}

std::string Drawing::title(int f) const {
    Frame const& frame = reading_.frames()[at(f)];
    if (frame.step < 0) return std::string(frame.module);
    Loop const& loop = reading_.loops()[at(frame.loop)];
    if (loop.shown_as < 0) return fmt::format("t = {}", frame.step);
    auto const step = [&](int s) { return reading_.frames()[at(s)].step; };
    return fmt::format("t = {} … {}   ×{}", step(loop.steps.front()), step(loop.steps.back()), loop.steps.size());
}

// ---- notes ----------------------------------------------------------------------------------------------------------

void Drawing::write_notes() {
    std::size_t kept = 0, bytes = 0;
    for (int u : reading_.order()) {
        Unit const& unit = reading_[u];
        if (!unit.node || unit.param()) continue;
        ++kept, bytes += static_cast<std::size_t>(count(unit.window->shape)) * size_of(reading_.tape().dtype());
    }
    out_.notes.push_back(fmt::format("{}, {} values kept in {}", text(reading_.tape().dtype()), kept, text_of_bytes(bytes)));
    Index hidden = 0, all = 0;
    for (Gap const& g : reading_.gaps())
        if (reading_.loops()[at(g.loop)].shown_as < 0) hidden += g.steps;
    for (Loop const& l : reading_.loops()) {
        all += std::ssize(l.steps);
        if (l.shown_as >= 0) out_.notes.push_back(fmt::format("one step stands for {}", l.steps.size()));
    }
    if (hidden > 0) out_.notes.push_back(fmt::format("{} of {} steps left out", hidden, all));
    if (!reading_.differences().empty()) out_.notes.push_back(reading_.differences());
}

// ---- from results to a diagram --------------------------------------------------------------------------------------

void require_drawable(std::vector<Var> const& results) {
    if (results.empty()) throw ValueError("a graph wants at least one result");
    Tape const& tape = results[0].tape();
    for (Var const& x : results)
        if (tape.window(x, {}).node == no_node) throw TapeError("a graph of a value that was not recorded: there is nothing to draw");
}

Diagram diagram_of(std::vector<Var> const& results, GraphOptions const& options) {
    require_drawable(results);  // the tape may have been rewound since the graph was made
    Reading const reading(results[0].tape(), results, options);
    Zoom const    zoom(reading, options);
    Naming const  naming(reading, zoom, options);
    return Drawing(reading, zoom, naming, options).draw();
}

}  // namespace unspool
