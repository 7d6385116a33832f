// Reads, draws, writes: each in a file of its own.
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/diagram.hpp>

namespace unspool {

Graph::Graph(Var const& result, GraphOptions options) : Graph(std::vector{result}, options) {}
Graph::Graph(std::vector<Var> const& results, GraphOptions options)
    : dot_(dot_text(diagram_of(results, options), options.sources)), time_limit_(options.time_limit) {}

void Graph::write(std::ostream& out) const { out << dot_; }

void Graph::save(std::filesystem::path const& path) const {
    std::string const ending = path.extension().string();
    if (ending == ".dot") return write_file(dot_, path);
    if (ending != ".svg" && ending != ".png" && ending != ".pdf")
        throw ValueError(fmt::format("cannot draw {}: the extension should be .dot, .svg, .png or .pdf", path.string()));
    render(dot_, path, ending.substr(1), time_limit_);
}

}  // namespace unspool
