// Boxes of equations and modules, and the links between them.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/buses.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>
#include <unspool/autograd/picture/clusters.hpp>
#include <unspool/autograd/picture/drawing.hpp>
#include <unspool/autograd/picture/notes.hpp>
#include <unspool/autograd/picture/ranks.hpp>

namespace unspool::core {

Drawing::Drawing(Subgraph const& reading, Zoom const& zoom, Naming const& naming, GraphOptions const& options)
    : reading_(reading)
    , zoom_(zoom)
    , naming_(naming)
    , options_(options)
    , starts_(starts_of(reading, naming))
    , outside_(drawn_outside(reading, starts_))
    , flows_(reading, options)
    , box_of_(reading.order().size(), -1) {}

Diagram Drawing::draw() {
    for (int u : reading_.order()) draw(u);
    link_later();
    draw_starts();
    for (NodeId id : options_.mark) mark(id);
    strips_.draw(out_, links_, reading_, naming_, flows_);
    draw_detached();
    if (options_.colour) add_norms(out_, links_, reading_, flows_);
    arrange_clusters(out_, reading_);
    auto const& loops = reading_.loops();
    out_.horizontal   = std::any_of(loops.begin(), loops.end(), [](TimeLoop const& l) { return l.steps.size() > 1; });
    out_.coloured     = options_.colour != nullptr;
    out_.clip         = options_.clip;
    if (out_.horizontal) out_.columns = columns_of(out_), add_buses(out_), turn_rows(out_);
    out_.notes = notes(reading_);
    return std::move(out_);
}

int Drawing::add(Box box) {
    out_.boxes.push_back(std::move(box));
    return static_cast<int>(out_.boxes.size()) - 1;
}

/// A link between the steps of one loop, or from elsewhere.  What a step that stands for all takes from another, it will take
/// from itself.
Link& Drawing::link_in_time(int x, int step, int from, int to, std::string const& label, bool whole) {
    auto const& frames = reading_.frames();
    int const other    = reading_.step_around(reading_[x].frame);
    bool const same    = other > 0 && other != step && frames[at(other)].loop == frames[at(step)].loop;
    Link& l            = link(from, to, label, x, whole);
    if (!same) return l;
    Index const lag = frames[at(step)].step - frames[at(other)].step;
    l.recurrent     = true;
    l.backward      = lag < 0;
    if (!reading_.rolled_around(step)) return l;
    l.backward                 = true;
    std::string const power    = std::abs(lag) == 1 ? "¹" : fmt::format("^{}", std::abs(lag));
    std::string const feedback = fmt::format("z{}{}", lag > 0 ? "⁻" : "⁺", power);
    if (std::find(l.labels.begin(), l.labels.end(), feedback) == l.labels.end()) l.labels.push_back(feedback);
    return l;
}

// ---- boxes ----------------------------------------------------------------------------------------------------------

void Drawing::draw(int u) {
    if (reading_.hidden(u)) return draw_hidden(u);
    if (zoom_.box(reading_[u].frame) >= 0) return draw_module(u);
    if (naming_.drawn(u) && (!reading_[u].leaf() || outside_[at(u)])) draw_equation(u);
}

void Drawing::draw_equation(int u) {
    Vertex const& unit = reading_[u];
    Box box{.kind     = kind(unit),
            .cluster  = unit.frame,
            .name     = naming_.name(u),
            .equation = naming_.equation(u),
            .shape    = unit.window->shape,
            .tooltip =
                flows_.tooltip(*unit.window, unit.node ? unit.node->value.where : unit.window->where, unit.frame),
            .elements = flows_.elements(*unit.window),
            .result   = unit.result,
            .flow     = flows_.of_unit(u)};
    if (unit.leaf() && unit.node)
        box.bytes = static_cast<std::size_t>(count(box.shape)) * size_of(reading_.tape().dtype());
    box_of_[at(u)] = add(std::move(box));
    connect(u, u);
}

/// What is recorded in a module that is one box: the last value in it stands for its shape and gradient.
void Drawing::draw_module(int u) {
    Vertex const& unit = reading_[u];
    if (unit.leaf() || naming_.folded(u)) return;
    int const frame = zoom_.box(unit.frame);
    if (modules_.box(frame) < 0)
        modules_.box(frame) = add({.kind = Box::module, .cluster = frame, .name = std::string(zoom_.module(frame))});
    int const b    = modules_.box(frame);
    box_of_[at(u)] = b;
    Box& box       = out_.boxes[at(b)];
    box.shape      = unit.window->shape;
    box.result     = box.result || unit.result;
    box.flow       = flows_.of_unit(u);
    box.tooltip    = flows_.tooltip(*unit.window, unit.node->value.where, unit.frame);
    box.elements   = flows_.elements(*unit.window);
    modules_.add_equation(b);
    connect(u, u);
    modules_.describe(b);
}

/// The box of a node, or that in whose equation it stands.
void Drawing::mark(NodeId id) {
    if (id >= reading_.tape().size()) return;
    int u = reading_.unit_of(id);
    while (u >= 0 && naming_.folded(u)) u = reading_[u].user;
    if (u >= 0 && reading_.hidden(u)) u = reading_.shown_as(u);
    if (u >= 0 && box_of_[at(u)] >= 0) out_.boxes[at(box_of_[at(u)])].marked = true;
}

Box::Kind Drawing::kind(Vertex const& u) const {
    if (u.leaf()) return u.node && u.node->requires_grad ? Box::input : Box::constant;
    return u.node->rule->name() == "statement" ? Box::statement : Box::call;
}

// ---- links ----------------------------------------------------------------------------------------------------------

/// The frame that a unit's box is in.
int Drawing::frame_of(int u) const {
    int const box = zoom_.box(reading_[u].frame);
    return box >= 0 ? box : reading_[u].frame;
}

int Drawing::box_of(int u) const { return box_of_[at(u)]; }

/// Links the operands of unit `u` to the box of `owner`, in whose equation it stands.
void Drawing::connect(int u, int owner) {
    bool const in_module = out_.boxes[at(box_of(owner))].kind == Box::module;
    if (!reading_[u].leaf())
        out_.boxes[at(box_of(owner))].bytes +=
            static_cast<std::size_t>(count(reading_[u].window->shape)) * size_of(reading_.tape().dtype());
    for (Window const* w : reading_[u].inputs) {
        int const x = reading_.unit(*w);
        if (naming_.folded(x)) connect(x, owner);
        else if (reading_[x].param() && in_module) modules_.add_parameter(box_of(owner), x);
        else if (reading_[x].param()) strips_.add({x, frame_of(owner), box_of(owner)});
        else if (!naming_.is_number(x)) connect(Use{w, x, owner});
    }
}

/// Was it computed in the same step of another loop: a layer below?
bool Drawing::beside(int x, int step) const {
    auto const& frames = reading_.frames();
    int const other    = reading_.step_around(reading_[x].frame);
    return other > 0 && step > 0 && frames[at(other)].loop != frames[at(step)].loop &&
           frames[at(other)].step == frames[at(step)].step;
}

void Drawing::connect(Use const& use) {
    if (zoom_.box(reading_[use.owner].frame) >= 0) return connect_module(use);
    int const step = reading_.step_around(reading_[use.owner].frame);
    if (reading_.within(reading_[use.x].frame, step) || beside(use.x, step)) return link_value(use);
    int const from = entry(use), to = box_of(use.owner);
    link(from, to, "").backward = out_.boxes[at(from)].entry_from_later;
}

void Drawing::link_value(Use const& use) {
    std::string const label = reading_.hidden(use.x) && reading_.shown_as(use.x) < 0 ? "" : naming_.part(*use.w);
    if (int const from = source(use.x); from >= 0) link(from, box_of(use.owner), label, use.x, reading_.whole(*use.w));
}

/// A module shows which values go in on the links to it, where they are not leaves.
void Drawing::connect_module(Use const& use) {
    int const to = box_of(use.owner), step = reading_.step_around(frame_of(use.owner));
    bool const inside = reading_.within(reading_[use.x].frame, step);
    if (reading_[use.x].leaf()) {
        bool const number = naming_.name(use.x) == naming_.number(use.x);
        if (number || zoom_.box(reading_[use.x].frame) == zoom_.box(reading_[use.owner].frame)) return;
        if (inside && source(use.x) >= 0) link(source(use.x), to, "");
        else modules_.reads(to, naming_.text(*use.w, frame_of(use.owner)));
        return;
    }
    std::string const own = naming_.own_name(*use.w), label = own.empty() ? naming_.name(use.x) : own;
    int const from   = source(use.x);
    bool const plain = from >= 0 && out_.boxes[at(from)].kind != Box::module &&
                       naming_.own_name(*use.w).empty();  // its box says its name
    if (from < 0) later_.push_back({use.w, use.x, step, to, label});
    else if (from != to) link_in_time(use.x, step, from, to, plain ? "" : label, false);
    else if (!inside) link_in_time(use.x, step, from, to, label, false);
}

/// The box that a unit's value comes from: its own, that of the step that stands for its own, or that of the steps left out.
int Drawing::source(int u) {
    if (!reading_.hidden(u)) return box_of(u);
    int shown = reading_.shown_as(u);
    if (shown < 0) return elision(reading_.gap(reading_[u].frame));
    while (shown >= 0 && naming_.folded(shown)) shown = reading_[shown].user;
    return box_of(shown);
}

/// What comes into a step from outside is drawn at its border, once.
int Drawing::entry(Use const& use) {
    int const frame = frame_of(use.owner), step = reading_.step_around(frame), x = use.x;
    std::string const called = naming_.text(*use.w, frame), own = naming_.own_name(*use.w);
    auto const [it, fresh] = entries_.try_emplace({step, x, called}, -1);
    if (!fresh) {
        if (out_.boxes[at(it->second)].cluster != frame) out_.boxes[at(it->second)].cluster = step;
    } else {
        Equation whole = own.empty() || reading_[x].param() ? Equation() : naming_.from(*use.w, frame);
        it->second     = add({.kind     = reading_[x].leaf() ? kind(reading_[x]) : Box::reference,
                              .cluster  = frame,
                              .name     = called,
                              .equation = std::move(whole),
                              .shape    = use.w->shape,
                              .tooltip  = flows_.tooltip(*use.w, use.w->where, frame),
                              .elements = flows_.elements(*use.w),
                              .entry    = true,
                              .flow     = flows_.of_operand(*use.w)});
    }
    int const box = it->second;
    if (int const from = reading_[x].leaf() ? -1 : source(x); from < 0 && !reading_[x].leaf())
        later_.push_back({use.w, x, step, box, ""});
    else if (from >= 0) {
        bool const later                     = link_in_time(x, step, from, box, "", reading_.whole(*use.w)).backward;
        out_.boxes[at(box)].entry_from_later = later && !reading_.rolled_around(step);
    }
    return box;
}

// ---- steps left out -------------------------------------------------------------------------------------------------

int Drawing::elision(int gap) {
    auto const [it, fresh] = elisions_.try_emplace(gap, -1);
    if (!fresh) return it->second;
    auto const& [parent, n, loop, t] = reading_.gaps()[at(gap)];
    return it->second                = add({.kind    = Box::elision,
                                            .cluster = parent,
                                            .lines   = {fmt::format("⋯ {} step{} ⋯", n, n == 1 ? "" : "s")},
                                            .loop    = loop,
                                            .t       = t});
}

void Drawing::draw_hidden(int u) {
    int const gap = reading_.gap(reading_[u].frame), step = reading_.step_around(reading_[u].frame);
    if (reading_.rolled_around(reading_[u].frame)) return;
    for (Window const* w : reading_[u].inputs) {
        int const x = reading_.unit(*w);
        if (reading_.hidden(x) && reading_.gap(reading_[x].frame) == gap) continue;
        int const from = reading_[x].leaf() ? -1 : source(x);
        if (from >= 0 && from != elision(gap)) link_in_time(x, step, from, elision(gap), "", false);
    }
}

/// What a step that stands for all takes from the one before it, it computes itself, after that.
void Drawing::link_later() {
    for (Later const& l : later_)
        if (int const from = source(l.x); from >= 0)
            link_in_time(l.x, l.step, from, l.to, l.label, reading_.whole(*l.w));
}

void Drawing::draw_starts() {
    for (Start const& s : starts_) {
        int owner = s.owner;
        while (naming_.folded(owner)) owner = reading_[owner].user;
        int const frame = frame_of(owner), x = reading_.unit(*s.w), from = source(x);
        auto const found =
            entries_.find({reading_.step_around(frame), reading_.unit(*s.shown), naming_.text(*s.shown, frame)});
        if (from >= 0) link(from, found == entries_.end() ? box_of(owner) : found->second, "start");
    }
}

// ---- detached values ------------------------------------------------------------------------------------------------

/// The unit whose value an array without a node is, if it is drawn.
int Drawing::detached_from(int u) {
    if (reading_[u].node) return -1;
    if (by_address_.empty())
        for (int v : reading_.order())
            if (reading_[v].node) by_address_.try_emplace(reading_[v].window->data, v);
    auto const it = by_address_.find(reading_[u].window->data);
    return it == by_address_.end() ? -1 : it->second;
}

void Drawing::draw_detached() {
    for (int u : reading_.order())
        if (int const v = box_of(u) < 0 ? -1 : detached_from(u); v >= 0 && source(v) >= 0)
            link(source(v), box_of(u), "").detached = out_.boxes[at(box_of(u))].detached = true;
    for (auto const& [key, box] : entries_)
        if (int const v = detached_from(std::get<1>(key)); v >= 0 && source(v) >= 0)
            link_in_time(v, std::get<0>(key), source(v), box, "", false).detached = out_.boxes[at(box)].detached = true;
}

}  // namespace unspool::core
