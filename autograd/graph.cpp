// Options; then reads, draws, writes: each in a file of its own.
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/diagram.hpp>

namespace unspool {

namespace {

Index at_least_one(Index n, char const* what) {
    if (n < 1) throw ValueError(fmt::format("{} is {}: it should be at least 1", what, n));
    return n;
}

/// Those that no other node uses; only leaves if there is nothing else.
std::vector<Var> results_of(Tape const& tape) {
    std::vector<bool> used(tape.size(), false);
    std::vector<Var>  out;
    for (Node const* n : tape.nodes())
        for (Window const* w : n->operands)
            if (w->node != no_node) used[w->node] = true;
    for (bool leaves : {false, true})
        for (NodeId id = 0; id < tape.size() && (!leaves || out.empty()); ++id)
            if (!used[id] && leaves == !tape[id].rule) out.emplace_back(const_cast<Tape&>(tape), tape[id].value);
    return out;
}

}  // namespace

Graph::Graph(Var const& result) : Graph(std::vector{result}) {}
Graph::Graph(std::vector<Var> results) : results_(std::move(results)) { require_drawable(results_); }
Graph::Graph(Tape const& tape) : Graph(results_of(tape)) {}

Graph& Graph::level(Level l) { return options_.level = l, *this; }
Graph& Graph::depth(Index n) { return options_.depth = at_least_one(n, "depth"), *this; }
Graph& Graph::expand(std::string module) { return options_.expanded.push_back(std::move(module)), *this; }
Graph& Graph::steps(Index k) { return options_.ends = at_least_one(k, "steps"), options_.all_steps = false, *this; }
Graph& Graph::all_steps() { return options_.all_steps = true, *this; }
Graph& Graph::rolled() { return options_.rolled = true, *this; }
Graph& Graph::budget(Index boxes) { return options_.budget = at_least_one(boxes, "budget"), *this; }
Graph& Graph::limit(Index boxes) { return options_.limit = at_least_one(boxes, "limit"), *this; }
Graph& Graph::colour(Gradients const& g) { return options_.gradients = &g, *this; }
Graph& Graph::clip(double norm) { return options_.clip = norm, *this; }
Graph& Graph::legend(bool shown) { return options_.legend = shown, *this; }
Graph& Graph::tooltips(bool shown) { return options_.tooltips = shown, *this; }
Graph& Graph::mark(std::vector<NodeId> nodes) { return options_.marked = std::move(nodes), *this; }
Graph& Graph::time_limit(std::chrono::milliseconds limit) { return options_.time_limit = limit, *this; }
Graph& Graph::keep_alive(std::shared_ptr<void const> owner) { return alive_ = std::move(owner), *this; }

std::string Graph::dot() const { return dot_text(diagram_of(results_, options_), options_.legend); }

void Graph::write(std::ostream& out) const { out << dot(); }

void Graph::write(std::filesystem::path const& path) const {
    std::string const ending = path.extension().string();
    if (ending == ".dot") return write_file(dot(), path);
    if (ending != ".svg" && ending != ".png" && ending != ".pdf")
        throw ValueError(fmt::format("cannot draw {}: the extension should be .dot, .svg, .png or .pdf", path.string()));
    render(dot(), path, ending.substr(1), options_.time_limit);
}

}  // namespace unspool
