// What the equations of a picture call things, and which parts of the tape they hold.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/picture/zoom.hpp>
#include <vector>

namespace unspool::core {

class Naming {
public:
    Naming(Subgraph const&, Zoom const&, GraphOptions const&);

    bool folded(int u) const { return folded_[static_cast<std::size_t>(u)]; }  // it stands inside of another's equation
    bool drawn(int u) const;                                                   // it has a box of its own
    /// As its own box calls it; "" if it is a number, which needs no box.
    std::string const& name(int u) const { return names_[static_cast<std::size_t>(u)]; }
    bool is_number(int u) const;

    std::string number(int u) const;                     // of a constant whose elements are all the same; else ""
    Equation equation(int u) const;                      // the right-hand side; empty for a leaf
    std::string text(Window const& w, int frame) const;  // as an equation in this frame calls it
    std::string own_name(Window const&) const;           // of a part that has a name
    Equation from(Window const& w, int frame) const;     // what such a part was taken from: "xs[3]"
    std::string part(Window const& w) const;             // its name, or "[3]": what an edge says
    std::string parameter(int u, int frame) const;       // its path, without what the frame says already

private:
    std::string given(int u) const;
    std::string pieces(Window const&) const;
    std::string module(int u) const;
    std::string called(int u) const;
    Equation taken(Equation of, Window const&) const;
    std::string relative(int step, int viewer) const;
    std::string module_of_loop(int step) const;
    template <class Start, class Far> Equation along_views(Window const&, Start const&, Far const&) const;
    Equation operand(Window const&, int frame, int depth) const;
    Equation lying_at(Window const&, int frame, int depth) const;
    Equation operand_of_unit(int u, int frame) const;
    std::string name_from(int u, std::string const& name, int frame) const;
    Equation equation(int u, int frame, int depth) const;
    std::optional<double> value(int u) const;
    std::string without_modules(int u, int frame) const;
    int drawing_frame(int u) const;
    bool foldable(int u) const;
    void fold();
    void name_the_rest();
    void abbreviate_parameters();

    Subgraph const& reading_;
    Zoom const& zoom_;
    GraphOptions const& options_;
    std::vector<std::string> names_;
    std::vector<bool> folded_;
    std::vector<int> depth_;                                 // of equations within the equation
    std::map<std::pair<int, int>, std::string> parameters_;  // by unit and frame
};

}  // namespace unspool::core
