// Pictures of what a tape recorded, drawn by Graphviz.
//
//     Graph(loss).save("loss.svg");
//
// A box is an equation, as the program wrote it: what a statement computed on the way without a name stands inside of its
// equation.  Clusters are modules and time steps; time goes from left to right.  A step is drawn complete in itself: its
// parameters, its input and the state before it are repeated inside, as small boxes.
#pragma once
#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <unspool/autograd/gradients.hpp>
#include <vector>

namespace unspool {

struct GraphOptions {
    enum Level { statements, operations };

    Level            level     = statements;  ///< operations: every node of the tape has a box of its own
    Index            max_steps = 6;           ///< of a longer loop over time, the middle is left out
    Index            max_boxes = 400;         ///< a larger graph is refused: no one could read it
    bool             sources   = true;        ///< boxes tell file and line when pointed at
    Gradients const* gradients = nullptr;     ///< made with Keep::all: boxes are coloured by the norm of their gradients

    std::vector<NodeId> marked = {};  ///< nodes to be drawn in red; their time steps are not left out

    std::chrono::milliseconds time_limit{20'000};  ///< for the program dot
};

/// What some results depend on, as it was when this was made: later changes of the tape do not matter.
class Graph {
public:
    /// TapeError for a Var of a rewound tape or one that was not recorded, for results on several tapes, and for gradients
    /// that were not kept.  ValueError for more than `max_boxes` boxes, and for `max_steps` below 1.
    explicit Graph(Var const& result, GraphOptions = {});
    explicit Graph(std::vector<Var> const& results, GraphOptions = {});

    std::string const& dot() const { return dot_; }     ///< in the language of Graphviz
    void               write(std::ostream& out) const;  ///< the same

    /// Writes .dot, .svg, .png or .pdf; the last three by running the program dot.  The file appears complete or not at
    /// all.  FileError where it cannot be written; if dot is missing, fails or takes too long, the error says so, and the
    /// .dot file is left beside it.  ValueError for another extension.
    void save(std::filesystem::path const&) const;

private:
    std::string               dot_;
    std::chrono::milliseconds time_limit_;
};

}  // namespace unspool
