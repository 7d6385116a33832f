// Lays out what is drawn: boxes, links, clusters and columns.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <unspool/autograd/diagram.hpp>
#include <unspool/autograd/naming.hpp>
#include <unspool/autograd/params.hpp>

namespace unspool {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

double norm(Values const& g) {
    return dispatch(g.dtype(), [&](auto t) {
        double sum = 0;
        for (auto const v : g.value<decltype(t)>()) sum += static_cast<double>(v) * static_cast<double>(v);
        return std::sqrt(sum);
    });
}

class Drawing {
public:
    Drawing(Reading const& reading, Naming const& naming, GraphOptions const& options)
        : reading_(reading), naming_(naming), options_(options), box_of_(reading.order().size(), -1) {}

    Diagram draw() {
        for (int u : reading_.order()) draw(u);
        for (NodeId id : options_.marked) mark(id);
        draw_parameters();
        arrange_clusters();
        out_.horizontal = std::any_of(reading_.loops().begin(), reading_.loops().end(), [](Loop const& l) { return l.steps.size() > 1; });
        if (out_.horizontal) out_.columns = columns_of(out_);
        return std::move(out_);
    }

private:
    // A cluster is a frame's number until arrange_clusters.
    int add(Box box) {
        out_.boxes.push_back(std::move(box));
        return static_cast<int>(out_.boxes.size()) - 1;
    }
    void link(int from, int to, std::string const& label, bool recurrent = false, bool backward = false) {
        auto const [it, fresh] = links_.try_emplace({from, to}, out_.links.size());
        if (fresh) out_.links.push_back({from, to, {}, recurrent, backward});
        auto& labels = out_.links[it->second].labels;
        if (!label.empty() && std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    }
    std::optional<double> gradient(Window const& w) const {
        if (!options_.gradients || !reading_.tape().requires_grad(w)) return {};
        return norm((*options_.gradients)[Var(const_cast<Tape&>(reading_.tape()), w)]);
    }

    void draw(int u) {
        if (reading_.hidden(u)) return draw_hidden(u);
        if (!naming_.drawn(u) || (reading_[u].leaf() && !wanted_outside(u))) return;
        Unit const& unit = reading_[u];
        Box const   box{kind(unit),
                      unit.frame,
                      naming_.name(u),
                      naming_.equation(u),
                      unit.window->shape,
                      unit.node ? unit.node->value.where : unit.window->where,
                      unit.result,
                      false,
                      gradient(*unit.window),
                      {}};
        box_of_[at(u)] = add(box);
        connect(u, u);
    }
    /// The box of a node, or that in whose equation it stands.
    void mark(NodeId id) {
        if (id >= reading_.tape().size()) return;
        int u = reading_.unit_of(id);
        while (u >= 0 && naming_.folded(u)) u = reading_[u].user;
        if (u >= 0 && box_of_[at(u)] >= 0) out_.boxes[at(box_of_[at(u)])].marked = true;
    }
    static Box::Kind kind(Unit const& u) {
        if (u.leaf()) return u.node && u.node->requires_grad ? Box::input : Box::constant;
        return u.node->rule->name() == "statement" ? Box::statement : Box::call;
    }

    /// Is a leaf used where it can be drawn itself, or only inside of steps, which repeat it?
    bool wanted_outside(int u) {
        if (outside_.empty()) {
            outside_.assign(reading_.order().size(), false);
            for (int user : reading_.order())
                for (Window const* w : reading_[user].operands)
                    if (int const x = reading_.unit(*w);
                        !reading_.hidden(user) && reading_.within(reading_[x].frame, reading_.step_around(reading_[user].frame)))
                        outside_[at(x)] = true;
        }
        return outside_[at(u)] || reading_[u].result;
    }

    /// Links the operands of unit `u` to the box of `owner`, in whose equation it stands.
    void connect(int u, int owner) {
        for (Window const* w : reading_[u].operands) {
            int const x = reading_.unit(*w);
            if (naming_.folded(x)) connect(x, owner);
            else if (reading_[x].param()) parameters_.push_back({x, owner});
            else if (!naming_.is_number(x)) connect(*w, x, owner);
        }
    }
    void connect(Window const& w, int x, int owner) {
        int const step = reading_.step_around(reading_[owner].frame);
        if (!reading_.within(reading_[x].frame, step)) return link(entry(w, x, step, reading_[owner].frame), box_of_[at(owner)], "");
        if (int const from = source(x); from >= 0) link(from, box_of_[at(owner)], reading_.hidden(x) ? "" : naming_.part(w));
    }

    /// The box that a unit's value comes from: its own, or that of the steps left out.
    int source(int u) { return reading_.hidden(u) ? elision(reading_.gap(reading_[u].frame)) : box_of_[at(u)]; }

    /// What comes into a step from outside is drawn at its border, once.
    int entry(Window const& w, int x, int step, int frame) {
        std::string const called = naming_.text(w, frame), own = naming_.own_name(w);
        auto const [it, fresh] = entries_.try_emplace({step, x, called}, -1);
        if (!fresh) {
            if (out_.boxes[at(it->second)].cluster != frame) out_.boxes[at(it->second)].cluster = step;
            return it->second;
        }
        std::string const whole = own.empty() || reading_[x].param() ? "" : naming_.from(w, frame);
        Box::Kind const   k     = reading_[x].leaf() ? kind(reading_[x]) : Box::reference;
        int const         box = it->second = add({k, frame, called, whole, w.shape, w.where, false, true, gradient(w), {}});
        if (!reading_[x].leaf())
            if (int const from = source(x); from >= 0) link_in_time(x, step, from, box);
        return box;
    }
    /// A link between the steps of one loop, or from elsewhere.
    void link_in_time(int x, int step, int from, int to) {
        auto const& frames = reading_.frames();
        int const   other  = reading_.step_around(reading_[x].frame);
        bool const  same   = other > 0 && frames[at(other)].loop == frames[at(step)].loop;
        link(from, to, "", same, same && frames[at(other)].step > frames[at(step)].step);
    }

    // ---- steps left out ----
    int elision(int gap) {
        auto const [it, fresh] = elisions_.try_emplace(gap, -1);
        if (!fresh) return it->second;
        auto const [parent, n] = reading_.gaps()[at(gap)];
        return it->second =
                   add({Box::elision, parent, "", fmt::format("… {} more step{} …", n, n == 1 ? "" : "s"), {}, {}, false, false, {}, {}});
    }
    void draw_hidden(int u) {
        int const gap = reading_.gap(reading_[u].frame);
        for (Window const* w : reading_[u].operands) {
            int const x = reading_.unit(*w);
            if (reading_.hidden(x) && reading_.gap(reading_[x].frame) == gap) continue;
            if (int const from = reading_[x].leaf() ? -1 : source(x); from >= 0)
                link_in_time(x, reading_.step_around(reading_[u].frame), from, elision(gap));
        }
    }

    // ---- parameters ----
    /// Those that one box alone uses stand in a strip beside it; others have a box of their own in each frame.
    void draw_parameters() {
        std::map<std::pair<int, int>, std::set<int>> users;
        for (auto [p, owner] : parameters_) users[{p, reading_[owner].frame}].insert(owner);
        std::map<std::pair<int, int>, int> box;  // by the only user, or by parameter and frame
        for (auto [p, owner] : parameters_) {
            int const  frame       = reading_[owner].frame;
            bool const shared      = users[{p, frame}].size() > 1;
            auto const [it, fresh] = box.try_emplace(shared ? std::pair{p, frame} : std::pair{-1, owner}, -1);
            if (fresh) it->second = add({Box::parameters, frame, "", "", {}, {}, false, false, {}, {}});
            auto&     strip = out_.boxes[at(it->second)].strip;
            Parameter entry{naming_.parameter(p, frame), reading_[p].node->param->path(), reading_[p].window->shape,
                            gradient(*reading_[p].window)};
            if (std::none_of(strip.begin(), strip.end(), [&](auto& s) { return s.path == entry.path; })) strip.push_back(std::move(entry));
            link(it->second, box_of_[at(owner)], "");
        }
    }

    // ---- clusters ----
    /// Modules of a single equation are not drawn, and a scope that holds nothing but another shares its frame.
    void arrange_clusters() {
        std::size_t const n = reading_.frames().size();
        std::vector<int>  equations(n, 0), boxes(n, 0), children(n, 0), only(n, -1), lifted(n, 0), cluster(n, -1);
        for (Box const& b : out_.boxes) equations[at(b.cluster)] += is_equation(b), ++boxes[at(b.cluster)];
        for (std::size_t f = n; f-- > 1;) {
            Frame const& frame = reading_.frames()[f];
            bool const   shown = children[f] > 0 || (boxes[f] > 0 && (frame.step >= 0 || equations[f] > 1));
            lifted[f]          = !shown;
            auto& parent       = only[at(frame.parent)];
            if (shown) ++children[at(frame.parent)], parent = static_cast<int>(f);
            else boxes[at(frame.parent)] += boxes[f], equations[at(frame.parent)] += equations[f];
        }
        number_clusters(boxes, children, lifted, cluster);
        for (Box& b : out_.boxes) b.cluster = cluster[at(b.cluster)];
    }
    void number_clusters(std::vector<int> const& boxes, std::vector<int> const& children, std::vector<int> const& lifted,
                         std::vector<int>& cluster) {
        std::vector<std::string> pending(cluster.size());  // titles of scopes that hold nothing but another
        for (std::size_t f = 1; f < cluster.size(); ++f) {
            Frame const& frame  = reading_.frames()[f];
            auto const   parent = at(frame.parent);
            cluster[f]          = cluster[parent];
            if (lifted[f]) continue;
            std::string const own   = frame.step >= 0 ? fmt::format("t = {}", frame.step) : std::string(frame.module);
            std::string const title = pending[parent].empty() ? own : pending[parent] + " · " + own;
            if (boxes[f] == 0 && children[f] == 1) {
                pending[f] = title;
                continue;
            }
            cluster[f] = static_cast<int>(out_.clusters.size());
            out_.clusters.push_back({cluster[parent], title, frame.step >= 0});
        }
    }

    Reading const&                                   reading_;
    Naming const&                                    naming_;
    GraphOptions const&                              options_;
    Diagram                                          out_;
    std::vector<int>                                 box_of_;  // -1: none
    std::vector<bool>                                outside_;
    std::map<std::pair<int, int>, std::size_t>       links_;
    std::map<std::tuple<int, int, std::string>, int> entries_;
    std::map<int, int>                               elisions_;
    std::vector<std::pair<int, int>>                 parameters_;  // and who uses them
};

}  // namespace

Diagram diagram_of(std::vector<Var> const& results, GraphOptions const& options) {
    if (options.max_steps < 1) throw ValueError(fmt::format("max_steps is {}: a graph shows at least 1 step of a loop", options.max_steps));
    if (results.empty()) throw ValueError("a graph wants at least one result");
    Tape const& tape = results[0].tape();
    for (Var const& x : results)
        if (tape.window(x, {}).node == no_node) throw TapeError("a graph of a value that was not recorded: there is nothing to draw");
    Reading const reading(tape, results, options.max_steps, options.marked);
    Naming const  naming(reading, options);
    return Drawing(reading, naming, options).draw();
}

}  // namespace unspool
