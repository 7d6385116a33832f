// How they are found.
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/starts.hpp>

namespace unspool::core {

std::vector<Start> starts_of(Subgraph const& graph, Naming const& naming) {
    std::vector<Start> out;
    for (int u : graph.order()) {
        int const shown = graph.shown_as(u);
        if (shown < 0 || shown == u) continue;
        for (std::size_t k = 0; k < graph[u].inputs.size(); ++k) {
            Window const *w = graph[u].inputs[k], *s = graph[shown].inputs[k];
            int const x = graph.unit(*w), y = graph.unit(*s);
            bool const stays = x == y || graph.shown_as(x) >= 0 || graph.shown_as(y) < 0 || naming.is_number(x);
            if (!stays) out.push_back({w, s, shown});
        }
    }
    return out;
}

std::vector<bool> drawn_outside(Subgraph const& graph, std::vector<Start> const& starts) {
    std::vector<bool> out(graph.order().size(), false);
    for (int user : graph.order())
        for (Window const* w : graph[user].inputs)
            if (int const x = graph.unit(*w); !graph.hidden(user) && graph[x].leaf() &&
                                              graph.within(graph[x].frame, graph.step_around(graph[user].frame)))
                out[at(x)] = true;
    for (Start const& s : starts) out[at(graph.unit(*s.w))] = true;
    for (int u : graph.order())
        if (graph[u].result) out[at(u)] = true;
    return out;
}

}  // namespace unspool::core
