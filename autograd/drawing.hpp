// Turns what was read into boxes and links.
#pragma once
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unspool/autograd/diagram.hpp>
#include <unspool/autograd/flows.hpp>
#include <unspool/autograd/naming.hpp>
#include <unspool/autograd/zoom.hpp>

namespace unspool {

class Drawing {
public:
    Drawing(Reading const&, Zoom const&, Naming const&, GraphOptions const&);
    Diagram draw();

private:
    using Pair = std::pair<int, int>;
    struct HashOfPair {
        std::size_t operator()(Pair p) const {
            return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(p.first) << 32 | static_cast<std::uint32_t>(p.second));
        }
    };
    struct Use {  // of unit x, as the window w, in the equation of `owner`
        Window const* w;
        int           x, owner;
    };
    struct Passing {  // what the uses behind a link are of: one whole unit, or nothing that can be told
        int  unit;
        bool whole;
    };
    struct Later {  // a link from a unit whose box was not there yet
        Window const* w;
        int           x, step, to;
        std::string   label;
    };
    struct Start {  // what step 0 takes where the step that stands for it takes what the last one left
        Window const *w, *shown;
        int           owner;
    };

    // A cluster is a frame's number until arrange_clusters.
    int   add(Box box);
    Link& link(int from, int to, std::string const& label, int unit = -1, bool whole = false);
    Link& link_in_time(int x, int step, int from, int to, std::string const& label, bool whole);

    void      draw(int u);
    void      draw_module(int u);
    void      draw_equation(int u);
    void      add_parameter(int p, int box);
    void      describe_module(int box);
    void      module_reads(int box, std::string const& what);
    void      mark(NodeId id);
    Box::Kind kind(Unit const& u) const;
    bool      wanted_outside(int u);
    void      find_outside();
    void      connect(int u, int owner);
    void      connect(Use const&);
    void      connect_module(Use const&);
    void      link_value(Use const&);
    bool      beside(int x, int step) const;
    int       source(int u);
    int       box_of(int u) const;
    int       frame_of(int u) const;
    int       entry(Use const&);

    void link_later();
    void find_starts();
    void draw_starts();
    int  elision(int gap);
    void draw_hidden(int u);

    void draw_parameters();
    void draw_detached();
    int  detached_from(int u);
    int  colour_of(std::string const& path);
    void find_flows();

    void        arrange_clusters();
    void        number_clusters(std::vector<int> const& boxes, std::vector<int> const& children, std::vector<int> const& lifted,
                                std::vector<int>& cluster);
    std::string title(int frame) const;
    void        write_notes();

    Reading const&                                    reading_;
    Zoom const&                                       zoom_;
    Naming const&                                     naming_;
    GraphOptions const&                               options_;
    Flows                                             flows_;
    Diagram                                           out_;
    std::vector<int>                                  box_of_;         // -1: none
    std::unordered_map<int, int>                      module_boxes_;   // by frame
    std::unordered_map<int, std::set<int>>            module_params_;  // by box
    std::unordered_map<int, Index>                    module_equations_;
    std::unordered_map<int, std::vector<std::string>> module_reads_;
    std::vector<bool>                                 outside_;
    std::unordered_map<Pair, std::size_t, HashOfPair> links_;
    std::vector<Passing>                              passing_;  // of each link
    std::map<std::tuple<int, int, std::string>, int>  entries_;
    std::unordered_map<int, int>                      elisions_;
    std::vector<Pair>                                 parameters_;  // and who uses them
    std::vector<Start>                                starts_;
    std::vector<Later>                                later_;
    std::unordered_map<std::string, int>              colours_;
    std::unordered_map<void const*, int>              by_address_;
};

}  // namespace unspool
