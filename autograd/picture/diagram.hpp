// What a picture of a tape shows, before it is written in the language of Graphviz.
#pragma once
#include <optional>
#include <string>
#include <unspool/autograd/picture/graph.hpp>
#include <vector>

namespace unspool::core {

/// What flowed back: the norm of a gradient, and what kind of number that is.
struct Flow {
    enum Kind : std::uint8_t { usual, zero, unreached, not_finite, clipped };
    Kind kind                     = usual;
    double norm                   = 0;
    std::vector<double> over_time = {};  // of each step, where one box stands for all
};

/// One parameter of a strip.
struct Parameter {
    std::string name, path;
    Shape shape;
    std::optional<Flow> flow;
    int colour = 0;  // its number in the picture
};

struct Box {
    enum Kind : std::uint8_t { input, constant, parameters, statement, call, module, reference, elision, junction };

    Kind kind                      = statement;
    int cluster                    = -1;  // -1: outside of all
    std::string name               = {};  // "h"; it may be empty, as all that follows
    Equation equation              = {};  // "o * tanh(c)"
    std::vector<std::string> lines = {};  // what there is to say in place of an equation
    Shape shape                    = {};
    std::size_t bytes              = 0;   // that the tape keeps for it
    std::string path               = {};  // of the modules that it was recorded in
    std::string tooltip            = {};
    std::string elements           = {};  // the first ones of its value and gradient, as lines
    bool result                    = false;
    bool entry                     = false;  // repeats, in a time step, what comes from outside
    bool marked                    = false;
    bool detached                  = false;
    std::optional<Flow> flow       = {};
    std::vector<Parameter> strip   = {};  // of parameters that no other box uses
    int loop              = -1;  // of steps left out, or of those that a junction stands above (level 1) or below
    Index t               = 0;   // the first of them
    bool entry_from_later = false;
    int level             = -1;  // outside of steps: of how many rows of clusters beside it it stands above
    int bus               = -1;  // of a junction: the line that it is a part of
};

struct Link {
    int from, to;
    std::vector<std::string> labels = {};     // which parts are used, where it is not the whole
    bool recurrent                  = false;  // from one time step to another
    bool backward                   = false;  // to an earlier one, or to where it began
    bool detached                   = false;
    bool arrow                      = true;   // at its end
    bool turned                     = false;  // written from its end to its beginning
    int uses                        = 0;      // of what it comes from: how many go this way
    std::optional<Flow> flow        = {};     // what came back along it, where that is known
};

struct Cluster {
    enum Place : std::uint8_t { left, middle, right, left_half };  // of the title

    int parent         = -1;
    std::string title  = {};
    std::string module = {};  // the path of modules, its own at the end
    bool step          = false;
    int loop           = -1;  // of a step
    Index t            = 0;
    Place title_at     = left;
};

/// Boxes and links are in an order that depends only on what was computed: not on the order in which it was recorded.
struct Diagram {
    std::vector<Box> boxes;
    std::vector<Link> links;
    std::vector<Cluster> clusters;
    bool horizontal = false;  // there is a loop over time, which goes from left to right
    bool coloured   = false;  // by gradients
    double clip     = 0;
    double gap      = 0.22;                 // inches between boxes of a column
    std::vector<std::vector<int>> columns;  // boxes that stand one above the other
    std::vector<bool> turned;               // of each cluster, after the outermost: its rows are written from below
    std::vector<std::string> notes;         // what was left out, and what it all takes
    std::string for_all_flows;              // if not empty, what boxes tell in place of norms
};

/// "statement".
char const* name_of(Box::Kind);

inline bool is_equation(Box const& b) {
    return b.kind == Box::statement || b.kind == Box::call || b.kind == Box::module;
}

void require_drawable(std::vector<Var> const& results, Where);
Diagram diagram_of(std::vector<Var> const& results, GraphOptions const&);

/// Are the same boxes in the same places, whatever they say?
bool same_layout(Diagram const&, Diagram const&);

}  // namespace unspool::core
