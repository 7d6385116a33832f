// Pictures of what a tape recorded, drawn by Graphviz.
//
//     Graph(loss).write("loss.svg");
//     Graph(loss).write("loss.html");    // to zoom into, to fold, and to search
//     Graph(loss).level(Graph::modules).steps(3).colour(gradients).write("loss.svg");
//
// A box is an equation, as the program wrote it: what a statement computed on the way without a name stands inside of its
// equation.  Clusters are modules and time steps; time goes from left to right.  A step is drawn complete in itself: its
// parameters, its input and the state before it are repeated inside, as small boxes.
#pragma once
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/picture/graph_assertions.hpp>
#include <vector>

namespace unspool::core {

struct Diagram;
struct NetworkPage;

/// What a picture shows: `Graph(loss, {.level = Graph::modules, .steps = 3})`.
struct GraphOptions {
    /// How much is one box.
    enum Level : std::uint8_t {
        modules,     ///< a box for each innermost module, in each time step
        statements,  ///< a box for each equation
        operations   ///< a box for each node of the tape
    };

    // How near to look.
    Level level = statements;
    /// A module so deep in the module path, from 1, is one box in each time step; ValueError below 1.
    std::optional<Index> depth = {};
    /// These are not, "decoder.attention", nor are those around them.
    std::vector<std::string> expand = {};

    // What to show of long loops over time.  Without any of these: all, or if these are more than `budget` equations, or wider than
    // can be read on a page of `page_width` pixels, as many of the first and of the last steps as fit, one each at least, two at most.
    std::optional<Index> steps = {};  ///< the first and the last ones, so many each; ValueError below 1
    bool all_steps             = false;
    /// One step, with z⁻¹ on the links that lead to the next; a loop whose steps differ as without this.
    bool rolled      = false;
    Index budget     = 16;   ///< equations at most, before steps are left out; ValueError below 1
    Index page_width = 880;  ///< on which no print should be smaller than 8.5 pixels; ValueError below 1
    /// A larger graph is refused by a ValueError, for no one could read it.
    Index limit = 400;

    // What to tell of each box.
    /// Boxes take the colour of the norm of their gradients, made with Keep::all, which must live until the graph is drawn.
    Gradients const* colour = nullptr;
    double clip   = std::numeric_limits<double>::infinity();  ///< gradients above this norm are marked as clipped
    bool legend   = true;                                     ///< what the colours mean, and what was left out
    bool tooltips = true;                                     ///< boxes tell line, values and gradients when pointed at
    std::vector<NodeId> mark = {};                            ///< in red; their time steps are not left out
    double time_limit        = 20;                            ///< in seconds, for the program dot
};

/// What some results depend on.  The tape is read when the graph is written or asked, and must be as it was until then.
class Graph {
public:
    using Level                       = GraphOptions::Level;       ///< how much one box stands for
    static constexpr Level modules    = GraphOptions::modules;     ///< a box a module
    static constexpr Level statements = GraphOptions::statements;  ///< a box a statement of the source
    static constexpr Level operations = GraphOptions::operations;  ///< a box an operation

    /// TapeError for a Var of a rewound tape or one that was not recorded, and for results on several tapes.  ValueError if
    /// there is none, or if an option is what it cannot be.
    explicit Graph(Var const& result, GraphOptions = {}, Where = Where::here());
    explicit Graph(std::vector<Var> results, GraphOptions = {}, Where = Where::here());
    explicit Graph(Tape const&, GraphOptions = {}, Where = Where::here());  ///< all that nothing else was computed from

    // The options, one by one.
    Graph& level(Level);
    Graph& depth(Index n);
    Graph& expand(std::string module);  ///< one more
    Graph& steps(Index k);
    Graph& all_steps();
    Graph& rolled();
    Graph& budget(Index boxes);
    Graph& page_width(Index pixels);
    Graph& limit(Index boxes);
    Graph& colour(Gradients const&);
    Graph& clip(double norm);
    Graph& legend(bool shown);
    Graph& tooltips(bool shown);
    Graph& mark(std::vector<NodeId>);
    Graph& time_limit(double seconds);
    Graph& keep_alive(std::shared_ptr<void const>);  ///< whatever owns the tape

    /// In the language of Graphviz.  TapeError for a rewound tape, and for gradients that were not kept.
    std::string dot() const;
    void write(std::ostream& out) const;  ///< the same
    Diagram diagram() const;              ///< what it shows, as a value: see diagram.hpp

    /// A part of a page of HTML, of at most about so many bytes: see network_page.hpp.
    NetworkPage page(std::size_t most_bytes) const;

    /// Writes .dot, .svg, .png, .pdf or .html; all but the first by running the program dot.  A page of HTML needs nothing but
    /// itself, and has up to 3 MB: beside this graph it shows modules to each depth, statements, and one step for all, as far as
    /// time_limit and limit allow.  The file appears complete or not at all.  FileError where it cannot be written; if dot is missing, fails or takes too long, the error says so, and the
    /// .dot file is left beside it.  ValueError for another extension.
    void write(std::string const&) const;

    // For tests of networks.
    std::vector<Index> nodes_per_step() const;  ///< values computed in each step of the longest loop, parameters apart
    std::optional<Index> path_length(
        Var const& from,
        Var const& to) const;  ///< nodes from one to the other, at least; none if no path leads there
    GraphAssertion every_parameter_reached(Params const&) const;  ///< do the results depend on it?
    GraphAssertion equals_golden(
        std::string const&) const;  ///< a .dot file; written anew where UNSPOOL_WRITE_GOLDEN is set

private:
    template <class Change> Graph& with(Change);
    void write_page(std::string const& path) const;
    void write_picture(std::string const& path, std::string const& format) const;

    std::vector<Var> results_;
    GraphOptions options_;
    std::shared_ptr<void const> alive_;
};

}  // namespace unspool::core

namespace unspool {

using core::Graph, core::GraphOptions;

}  // namespace unspool
