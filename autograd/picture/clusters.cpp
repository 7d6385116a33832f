// Scopes that hold too little to be drawn, and titles of those that are.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/clusters.hpp>
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t longest_title = 600;  // bytes

/// Of each frame.
struct Contents {
    std::vector<int> boxes, children;
    std::vector<bool> lifted;  // it is not drawn
};

/// Modules of a single equation are not drawn, and a scope that holds nothing but another shares its frame.
Contents contents(Diagram const& out, Subgraph const& graph) {
    std::size_t const n = graph.frames().size();
    std::vector<int> equations(n, 0);
    Contents c{std::vector<int>(n, 0), std::vector<int>(n, 0), std::vector<bool>(n, false)};
    auto& [boxes, children, lifted] = c;
    for (Box const& b : out.boxes) equations[at(b.cluster)] += is_equation(b), ++boxes[at(b.cluster)];
    for (std::size_t f = n; f-- > 1;) {
        ScopeFrame const& frame = graph.frames()[f];
        bool const shown        = children[f] > 0 || (boxes[f] > 0 && (frame.step >= 0 || equations[f] > 1));
        lifted[f]               = !shown;
        if (shown) ++children[at(frame.parent)];
        else boxes[at(frame.parent)] += boxes[f], equations[at(frame.parent)] += equations[f];
    }
    return c;
}

std::string title(Subgraph const& graph, int f) {
    ScopeFrame const& frame = graph.frames()[at(f)];
    if (frame.step < 0) return std::string(frame.module);
    TimeLoop const& loop = graph.loops()[at(frame.loop)];
    if (loop.shown_as < 0) return fmt::format("t = {}", frame.step);
    auto const step = [&](int s) { return graph.frames()[at(s)].step; };
    return fmt::format("t = {} … {}   ×{}", step(loop.steps.front()), step(loop.steps.back()), loop.steps.size());
}

/// "encoder.lstm".
std::string module_path(Subgraph const& graph, int f) {
    return elided(fmt::format("{}", fmt::join(graph.modules_around(f), ".")), longest_title);
}

/// Of each frame: the number of its cluster, or of the one that it lies in.
std::vector<int> numbered(Diagram& out, Subgraph const& graph, Contents const& c) {
    std::vector<int> cluster(c.boxes.size(), -1);
    std::vector<std::string> pending(cluster.size());  // titles of scopes that hold nothing but another
    for (std::size_t f = 1; f < cluster.size(); ++f) {
        ScopeFrame const& frame = graph.frames()[f];
        auto const parent       = at(frame.parent);
        cluster[f]              = cluster[parent];
        if (c.lifted[f]) continue;
        std::string const own  = title(graph, static_cast<int>(f));
        std::string const full = pending[parent].empty() ? own : elided(pending[parent] + " · " + own, longest_title);
        if (c.boxes[f] == 0 && c.children[f] == 1) {
            pending[f] = full;
            continue;
        }
        cluster[f]               = static_cast<int>(out.clusters.size());
        std::string const module = module_path(graph, static_cast<int>(f));
        out.clusters.push_back({cluster[parent], full, module, frame.step >= 0, frame.loop, frame.step});
    }
    return cluster;
}

}  // namespace

void arrange_clusters(Diagram& out, Subgraph const& graph) {
    std::vector<int> const cluster = numbered(out, graph, contents(out, graph));
    for (Box& b : out.boxes) b.path = module_path(graph, b.cluster), b.cluster = cluster[at(b.cluster)];
}

}  // namespace unspool::core
