// Turns what was read into boxes and links.
#pragma once
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/gradient_norms.hpp>
#include <unspool/autograd/picture/links.hpp>
#include <unspool/autograd/picture/module_boxes.hpp>
#include <unspool/autograd/picture/naming.hpp>
#include <unspool/autograd/picture/parameter_strips.hpp>
#include <unspool/autograd/picture/starts.hpp>
#include <unspool/autograd/picture/zoom.hpp>

namespace unspool::core {

class Drawing {
public:
    Drawing(Subgraph const&, Zoom const&, Naming const&, GraphOptions const&);
    Diagram draw();

private:
    struct Use {  // of unit x, as the window w, in the equation of `owner`
        Window const* w;
        int x, owner;
    };
    struct Later {  // a link from a unit whose box was not there yet
        Window const* w;
        int x, step, to;
        std::string label;
    };

    // A cluster is a frame's number until arrange_clusters.
    int add(Box box);
    Link& link(int from, int to, std::string const& label, int vertex = -1, bool whole = false) {
        return links_.add(from, to, label, vertex, whole);
    }
    Link& link_in_time(int x, int step, int from, int to, std::string const& label, bool whole);

    void draw(int u);
    void draw_module(int u);
    void draw_equation(int u);
    void mark(NodeId id);
    Box::Kind kind(Vertex const& u) const;
    void connect(int u, int owner);
    void connect(Use const&);
    void connect_module(Use const&);
    void link_value(Use const&);
    bool beside(int x, int step) const;
    int source(int u);
    int box_of(int u) const;
    int frame_of(int u) const;
    int entry(Use const&);

    void link_later();
    void draw_starts();
    int elision(int gap);
    void draw_hidden(int u);

    void draw_detached();
    int detached_from(int u);

    Subgraph const& reading_;
    Zoom const& zoom_;
    Naming const& naming_;
    GraphOptions const& options_;
    std::vector<Start> starts_;
    std::vector<bool> outside_;  // of leaves
    GradientNorms flows_;
    Diagram out_;
    std::vector<int> box_of_;  // -1: none
    ModuleBoxes modules_{out_.boxes};
    Links links_{out_.links};
    std::map<std::tuple<int, int, std::string>, int> entries_;
    std::unordered_map<int, int> elisions_;
    ParameterStrips strips_;
    std::vector<Later> later_;
    std::unordered_map<void const*, int> by_address_;
};

}  // namespace unspool::core
