// Pictures of what a tape recorded, drawn by Graphviz.
//
//     Graph(loss).write("loss.svg");
//     Graph(loss).level(Graph::modules).steps(3).colour(gradients).write("loss.svg");
//
// A box is an equation, as the program wrote it: what a statement computed on the way without a name stands inside of its
// equation.  Clusters are modules and time steps; time goes from left to right.  A step is drawn complete in itself: its
// parameters, its input and the state before it are repeated inside, as small boxes.
#pragma once
#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unspool/autograd/gradients.hpp>
#include <vector>

namespace unspool {

class Params;

/// What a test of a graph finds: true, or false and why.
struct Finding {
    std::string why = {};  ///< empty if all is well
    explicit    operator bool() const { return why.empty(); }
};
std::ostream& operator<<(std::ostream&, Finding const&);

/// What the options of a Graph say.
struct GraphOptions {
    enum Level : std::uint8_t { modules, statements, operations };

    Level                     level     = statements;
    std::optional<Index>      depth     = {};
    std::vector<std::string>  expanded  = {};
    Index                     ends      = 0;  // 0: as many as fit
    bool                      all_steps = false;
    bool                      rolled    = false;
    Index                     budget    = 16;
    Index                     limit     = 400;
    Gradients const*          gradients = nullptr;
    double                    clip      = std::numeric_limits<double>::infinity();
    bool                      legend    = true;
    bool                      tooltips  = true;
    std::vector<NodeId>       marked    = {};
    std::chrono::milliseconds time_limit{20'000};
};

/// What some results depend on.  The tape is read when the graph is written or asked, and must be as it was until then.
class Graph {
public:
    using Level                       = GraphOptions::Level;
    static constexpr Level modules    = GraphOptions::modules;     ///< a box for each innermost module, in each time step
    static constexpr Level statements = GraphOptions::statements;  ///< a box for each equation
    static constexpr Level operations = GraphOptions::operations;  ///< a box for each node of the tape

    /// TapeError for a Var of a rewound tape or one that was not recorded, and for results on several tapes.  ValueError if
    /// there is none.
    explicit Graph(Var const& result);
    explicit Graph(std::vector<Var> results);
    explicit Graph(Tape const&);  ///< all that nothing else was computed from

    // How near to look.
    Graph& level(Level);
    Graph& depth(Index n);              ///< a module so deep in the module path, from 1, is one box in each time step.  ValueError below 1
    Graph& expand(std::string module);  ///< this one is not, "decoder.attention", nor are those around it

    // What to show of long loops over time.  Without any of these: all, or if these are more than `budget` equations, as many of
    // the first and of the last steps as fit, at most two each.
    Graph& steps(Index k);       ///< the first k and the last k.  ValueError below 1
    Graph& all_steps();          ///< whatever their number
    Graph& rolled();             ///< one step, with z⁻¹ on the links that lead to the next; a loop whose steps differ as without this
    Graph& budget(Index boxes);  ///< 16
    Graph& limit(Index boxes);   ///< a larger graph is refused by a ValueError, for no one could read it: 400

    // What to tell of each box.
    /// Boxes take the colour of the norm of their gradients, made with Keep::all, which must live until the graph is drawn.
    Graph& colour(Gradients const&);
    Graph& clip(double norm);                        ///< gradients above this norm are marked as clipped
    Graph& legend(bool shown);                       ///< what the colours mean, and what was left out
    Graph& tooltips(bool shown);                     ///< boxes tell line, values and gradients when pointed at
    Graph& mark(std::vector<NodeId>);                ///< in red; their time steps are not left out
    Graph& time_limit(std::chrono::milliseconds);    ///< for the program dot: 20 s
    Graph& keep_alive(std::shared_ptr<void const>);  ///< whatever owns the tape

    /// In the language of Graphviz.  TapeError for a rewound tape, and for gradients that were not kept.
    std::string dot() const;
    void        write(std::ostream& out) const;  ///< the same

    /// Writes .dot, .svg, .png or .pdf; the last three by running the program dot.  The file appears complete or not at
    /// all.  FileError where it cannot be written; if dot is missing, fails or takes too long, the error says so, and the
    /// .dot file is left beside it.  ValueError for another extension.
    void write(std::filesystem::path const&) const;

    // For tests of networks.
    std::vector<Index>   nodes_per_step() const;  ///< values computed in each step of the longest loop, parameters apart
    std::optional<Index> path_length(Var const& from,
                                     Var const& to) const;  ///< nodes from one to the other, at least; none if no path leads there
    Finding              every_parameter_reached(Params const&) const;  ///< do the results depend on it?
    Finding equals_golden(std::filesystem::path const&) const;          ///< a .dot file; written anew where UNSPOOL_WRITE_GOLDEN is set

private:
    std::vector<Var>            results_;
    GraphOptions                options_;
    std::shared_ptr<void const> alive_;
};

}  // namespace unspool
