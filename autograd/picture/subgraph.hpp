// A tape as a picture looks at it: what the results depend on, in an order of its own, and the loops over time.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

constexpr Index most_ends = 2;  // first steps of a loop, and last ones, unless more are asked for

/// One thing that may be drawn: a node, or an array that is not on the tape.
struct Vertex {
    Window const* window;                     // all of it
    Node const* node;                         // null if it is not on the tape
    std::span<Window const* const> operands;  // none, if it is a leaf
    std::span<Window const* const> inputs =
        {};  // the same; but where one is an index of what was laid side by side, what lies there
    int uses    = 0;
    int user    = -1;     // the first
    bool partly = false;  // some use is of a part
    bool result = false;
    int frame   = 0;

    bool leaf() const { return !node || !node->rule; }
    bool param() const { return node && node->param; }
};

/// One scope, or one time step.
struct ScopeFrame {
    int parent;
    std::string_view module;
    Index step;     // -1: a module
    int loop = -1;  // of a step
};

/// Steps that follow each other in one scope.
struct TimeLoop {
    int parent;
    std::vector<int> steps;         // frames, in the order of time
    std::vector<bool> hidden = {};  // which of them are left out of the picture
    int shown_as             = -1;  // the frame of the step that stands for all, if the loop is rolled up
};

/// Steps that are left out together, one after the other.
struct Gap {
    int parent;  // the frame around the loop
    Index steps = 0;
    int loop    = -1;
    Index first = 0;
};

class Subgraph {
public:
    Subgraph(Tape const&, std::vector<Var> const& results, GraphOptions const&);

    Tape const& tape() const { return tape_; }
    std::vector<int> const& order() const { return order_; }  // operands first, as the equations name them
    Vertex const& operator[](int u) const { return units_[static_cast<std::size_t>(u)]; }
    int unit(Window const&) const;
    int unit_of(NodeId id) const { return of_node_[id]; }  // -1: the results do not depend on it
    bool whole(Window const&) const;                       // all of its unit, as it was recorded
    std::vector<ScopeFrame> const& frames() const { return frames_; }
    std::vector<TimeLoop> const& loops() const { return loops_; }
    std::vector<Gap> const& gaps() const { return gaps_; }

    /// What lies at this index of what was laid side by side; nothing, if it is something else.
    std::span<Window const* const> lying_at(Window const& w) const;

    int step_around(int frame) const;                                              // the innermost step, or 0
    std::vector<std::string> modules_around(int frame) const;                      // the outermost first
    bool within(int frame, int outer) const;                                       // is it the same, or inside?
    int gap(int frame) const { return hidden_[static_cast<std::size_t>(frame)]; }  // that it is in; -1: it is shown
    bool hidden(int u) const { return gap((*this)[u].frame) >= 0; }
    TimeLoop const* loop_around(int frame) const;  // null outside of steps

    // Of loops that are rolled up.
    TimeLoop const* rolled_around(int frame) const;  // null if the innermost loop around it is not rolled up
    int shown_as(int u) const { return alias_.empty() ? -1 : alias_[static_cast<std::size_t>(u)]; }
    std::optional<Index> moving(Window const& w) const;  // how far an index that goes along with time is ahead of it
    std::string const& differences() const { return differences_; }  // why loops were not rolled up

private:
    friend class Rolling;

    int unit_for(Window const&);
    int add(Window const&, Node const*);
    void walk(int root);
    int frame_for(ScopeRecord const*);
    int new_frame(ScopeRecord const&, int parent);
    void find_frames();
    void sort_loops();
    void hide_middles(GraphOptions const&);
    void show(std::span<NodeId const> marked);
    void find_gaps(TimeLoop const&);
    void hide(TimeLoop&, Index ends);
    Index equations_in_steps(GraphOptions const&) const;
    Index ends(GraphOptions const&) const;
    void see_through(Vertex&);

    Tape const& tape_;
    std::vector<Vertex> units_;
    std::vector<int> order_;
    std::vector<int> of_node_;
    std::map<void const*, int> of_array_;
    std::vector<ScopeFrame> frames_{{-1, {}, -1}};
    std::vector<TimeLoop> loops_;
    std::unordered_map<ScopeRecord const*, int> known_;
    std::vector<int> last_loop_{-1};  // of each frame
    std::vector<Gap> gaps_;
    std::vector<int> hidden_;  // the gap of each frame
    std::unordered_map<Window const*, std::vector<Window const*>> through_;
    std::deque<std::vector<Window const*>> inputs_;
    std::vector<int> alias_;
    std::unordered_map<Window const*, Index> moving_;
    std::string differences_;
};

}  // namespace unspool::core
