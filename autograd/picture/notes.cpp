// Counts what is kept and what is left out.
#include <fmt/format.h>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/notes.hpp>

namespace unspool::core {

namespace {

std::string text_of_bytes(std::size_t n) {
    if (n < 10'000) return fmt::format("{} B", n);
    double const kilo = static_cast<double>(n) / 1000;
    return kilo < 10'000 ? fmt::format("{:.3g} kB", kilo) : fmt::format("{:.4g} MB", kilo / 1000);
}

}  // namespace

std::vector<std::string> notes(Subgraph const& graph) {
    std::vector<std::string> out;
    std::size_t kept = 0, bytes = 0;
    for (int u : graph.order()) {
        Vertex const& unit = graph[u];
        if (!unit.node || unit.param()) continue;
        ++kept, bytes += static_cast<std::size_t>(count(unit.window->shape)) * size_of(graph.tape().dtype());
    }
    out.push_back(fmt::format("{}, {} values kept in {}", text(graph.tape().dtype()), kept, text_of_bytes(bytes)));
    Index hidden = 0, all = 0;
    for (Gap const& g : graph.gaps())
        if (graph.loops()[at(g.loop)].shown_as < 0) hidden += g.steps;
    for (TimeLoop const& l : graph.loops()) {
        all += std::ssize(l.steps);
        if (l.shown_as >= 0) out.push_back(fmt::format("one step stands for {}", l.steps.size()));
    }
    if (hidden > 0) out.push_back(fmt::format("{} of {} steps left out", hidden, all));
    if (!graph.differences().empty()) out.push_back(graph.differences());
    return out;
}

}  // namespace unspool::core
