// Options; then reads, draws, writes: each in a file of its own.
#include <filesystem>
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/lay_out.hpp>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t most_of_page = 2'800'000;  // bytes

GraphOptions checked(GraphOptions o, Where where = {}) {
    auto const least = [where](char const* what, Index n) {
        if (n < 1) throw ValueError(located(where, fmt::format("{} is {}: it should be at least 1", what, n)));
    };
    if (o.depth) least("depth", *o.depth);
    if (o.steps) least("steps", *o.steps);
    least("budget", o.budget), least("page_width", o.page_width), least("limit", o.limit);
    return o;
}

/// Those that no other node uses; only leaves if there is nothing else.
std::vector<Var> results_of(Tape const& tape) {
    std::vector<bool> used(tape.size(), false);
    std::vector<Var> out;
    for (Node const* n : tape.nodes())
        for (Window const* w : n->operands)
            if (w->node != no_node) used[w->node] = true;
    for (bool leaves : {false, true})
        for (NodeId id = 0; id < tape.size() && (!leaves || out.empty()); ++id)
            if (!used[id] && leaves == !tape[id].rule) out.emplace_back(const_cast<Tape&>(tape), tape[id].value);
    return out;
}

}  // namespace

Graph::Graph(Var const& result, GraphOptions o, Where where) : Graph(std::vector{result}, std::move(o), where) {}
Graph::Graph(std::vector<Var> results, GraphOptions o, Where where)
    : results_(std::move(results)), options_(checked(std::move(o), where)) {
    require_drawable(results_, where);
}
Graph::Graph(Tape const& tape, GraphOptions o, Where where) : Graph(results_of(tape), std::move(o), where) {}

template <class Change> Graph& Graph::with(Change change) {
    GraphOptions changed = options_;
    change(changed);
    options_ = checked(std::move(changed));
    return *this;
}

Graph& Graph::level(Level l) {
    return with([&](auto& o) { o.level = l; });
}
Graph& Graph::depth(Index n) {
    return with([&](auto& o) { o.depth = n; });
}
Graph& Graph::expand(std::string module) {
    return with([&](auto& o) { o.expand.push_back(std::move(module)); });
}
Graph& Graph::steps(Index k) {
    return with([&](auto& o) { o.steps = k, o.all_steps = false; });
}
Graph& Graph::all_steps() {
    return with([&](auto& o) { o.all_steps = true; });
}
Graph& Graph::rolled() {
    return with([&](auto& o) { o.rolled = true; });
}
Graph& Graph::budget(Index boxes) {
    return with([&](auto& o) { o.budget = boxes; });
}
Graph& Graph::page_width(Index pixels) {
    return with([&](auto& o) { o.page_width = pixels; });
}
Graph& Graph::limit(Index boxes) {
    return with([&](auto& o) { o.limit = boxes; });
}
Graph& Graph::colour(Gradients const& g) {
    return with([&](auto& o) { o.colour = &g; });
}
Graph& Graph::clip(double norm) {
    return with([&](auto& o) { o.clip = norm; });
}
Graph& Graph::legend(bool shown) {
    return with([&](auto& o) { o.legend = shown; });
}
Graph& Graph::tooltips(bool shown) {
    return with([&](auto& o) { o.tooltips = shown; });
}
Graph& Graph::mark(std::vector<NodeId> nodes) {
    return with([&](auto& o) { o.mark = std::move(nodes); });
}
Graph& Graph::time_limit(double limit) {
    return with([&](auto& o) { o.time_limit = limit; });
}
Graph& Graph::keep_alive(std::shared_ptr<void const> owner) { return alive_ = std::move(owner), *this; }

Diagram Graph::diagram() const { return diagram_of(results_, options_); }

std::string Graph::dot() const { return dot_text(diagram(), options_.legend); }

void Graph::write(std::ostream& out) const { out << dot(); }

NetworkPage Graph::page(std::size_t most_bytes) const { return network_page(results_, options_, most_bytes); }

void Graph::write_page(std::string const& path) const {
    NetworkPage const part = page(most_of_page);
    if (!part.complaint.empty()) refuse_to_draw(path, part.dot, part.complaint);
    std::string const name  = given_name(results_[0].tape(), results_[0].window());
    std::string const title = name.empty() ? "Graph" : "Graph of " + utf8::one_line(name, longest_name);
    write_whole(path,
                html_page(title, network_style() + "body { max-width: 1900px; }\n",
                          "<h1>" + html_text(title) + "</h1>\n<script>" + make_script + "</script>\n" + part.body));
}

void Graph::write_picture(std::string const& path, std::string const& format) const {
    Diagram d           = diagram();
    auto const dot_of   = [&](Diagram const& x) { return dot_text(x, options_.legend); };
    Rendered const best = lay_out(d, dot_of, options_.time_limit);
    if (!best.complaint.empty()) return refuse_to_draw(path, dot_of(d), best.complaint);
    if (format == "svg") return write_whole(path, best.picture);
    render(dot_of(d), path, format, options_.time_limit);
}

void Graph::write(std::string const& path) const {
    std::string const ending = std::filesystem::path(path).extension().string();
    if (ending == ".dot") return write_whole(path, dot());
    if (ending == ".html") return write_page(path);
    if (ending != ".svg" && ending != ".png" && ending != ".pdf")
        throw ValueError(fmt::format("cannot draw {}: the extension should be .dot, .svg, .png, .pdf or .html", path));
    write_picture(path, ending.substr(1));
}

std::vector<Index> Graph::nodes_per_step() const { return core::nodes_per_step(results_); }
std::optional<Index> Graph::path_length(Var const& from, Var const& to) const {
    results_.at(0).tape().window(to, {});
    return core::path_length(from, to);
}
GraphAssertion Graph::every_parameter_reached(Params const& params) const {
    return core::every_parameter_reached(results_, params);
}
GraphAssertion Graph::equals_golden(std::string const& path) const { return core::equals_golden(dot(), path); }

}  // namespace unspool::core
