// What a picture of a tape shows, before it is written in the language of Graphviz.
#pragma once
#include <optional>
#include <string>
#include <unspool/autograd/graph.hpp>
#include <vector>

namespace unspool {

/// One parameter of a strip.
struct Parameter {
    std::string           name, path;
    Shape                 shape;
    std::optional<double> gradient;  // its norm
};

struct Box {
    enum Kind : std::uint8_t { input, constant, parameters, statement, call, reference, elision };

    Kind                   kind;
    int                    cluster;         // -1: outside of all
    std::string            name, equation;  // "h", "o * tanh(c)"; either may be empty
    Shape                  shape;
    Where                  where;
    bool                   result = false;
    bool                   entry  = false;  // repeats, in a time step, what comes from outside
    std::optional<double>  gradient;        // its norm
    std::vector<Parameter> strip;           // if it shows parameters
    bool                   marked = false;
};

struct Link {
    int                      from, to;
    std::vector<std::string> labels;             // which parts are used, where it is not the whole
    bool                     recurrent = false;  // from one time step to another
    bool                     backward  = false;  // to an earlier one
};

struct Cluster {
    int         parent;
    std::string title;
    bool        step;
};

/// Boxes and links are in an order that depends only on what was computed: not on the order in which it was recorded.
struct Diagram {
    std::vector<Box>              boxes;
    std::vector<Link>             links;
    std::vector<Cluster>          clusters;
    bool                          horizontal = false;  // there is a loop over time, which goes from left to right
    std::vector<std::vector<int>> columns;             // then: boxes that stand one above the other
};

inline bool is_equation(Box const& b) { return b.kind == Box::statement || b.kind == Box::call; }

/// Sets of equations, each of one cluster, that can stand one above the other without bending a path backwards.
std::vector<std::vector<int>> columns_of(Diagram const&);

Diagram     diagram_of(std::vector<Var> const& results, GraphOptions const&);
std::string dot_text(Diagram const&, bool sources);

/// Runs the program dot.  `format` is one that it knows: "svg".
void render(std::string const& dot, std::filesystem::path const& to, std::string const& format, std::chrono::milliseconds limit);

/// Writes a file under another name, then renames it.  FileError.
void write_file(std::string const& content, std::filesystem::path const& to);

}  // namespace unspool
