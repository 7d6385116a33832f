// Walks a tape from its results to its leaves, without recursion, and sorts what it finds into scopes.
#include <algorithm>
#include <set>
#include <unspool/autograd/picture/rolling.hpp>
#include <unspool/autograd/picture/subgraph.hpp>

namespace unspool::core {

Subgraph::Subgraph(Tape const& tape, std::vector<Var> const& results, GraphOptions const& options)
    : tape_(tape), of_node_(tape.size(), -1) {
    for (Var const& x : results) {
        int const u = unit_for(x.window());
        walk(u);
        units_[static_cast<std::size_t>(u)].result = true;
        ++units_[static_cast<std::size_t>(u)].uses;
    }
    find_frames();
    sort_loops();
    if (options.rolled) Rolling(*this).roll();
    hide_middles(options);
}

int Subgraph::add(Window const& w, Node const* node) {
    units_.push_back({&w, node, node && node->rule ? node->operands : std::span<Window const* const>{}});
    return static_cast<int>(units_.size()) - 1;
}

int Subgraph::unit(Window const& w) const { return w.node == no_node ? of_array_.at(w.data) : of_node_[w.node]; }

bool Subgraph::whole(Window const& w) const { return w.node == no_node || w.viewing.kind == Viewing::whole; }

int Subgraph::unit_for(Window const& w) {
    auto made = [&](int& u, Window const& all, Node const* node) { return u < 0 ? u = add(all, node) : u; };
    if (w.node == no_node) return made(of_array_.try_emplace(w.data, -1).first->second, w, nullptr);
    return made(of_node_[w.node], tape_[w.node].value, &tape_[w.node]);
}

// ---- what is laid side by side --------------------------------------------------------------------------------------

namespace {

/// An index of the first axis of a node that has the windows of its operands there, one an index; null for any other.
Node const* stacked(Tape const& tape, Window const& w) {
    if (w.node == no_node || !w.parent || w.viewing.kind != Viewing::index || w.viewing.axis != 0) return nullptr;
    Node const& n = tape[w.node];
    return w.parent == &n.value && n.rule && n.rule->joins(n) >= 0 ? &n : nullptr;
}

/// What is at an index of the first axis of a stack, or of a concatenation of stacks along another axis; empty if it is neither, or
/// more than anyone could read.
std::vector<Window const*> looked_through(Tape const& tape, Node const& joined, Index i) {
    constexpr std::size_t most = 256;
    std::vector<Window const*> out;
    std::vector<Node const*> open{&joined};
    for (std::size_t looked = 0; !open.empty(); ++looked) {
        Node const& n = *open.back();
        open.pop_back();
        int const axis   = n.rule && !n.operands.empty() ? n.rule->joins(n) : -1;
        bool const stack = axis == 0 && n.value.shape.rank() == n.operands[0]->shape.rank() + 1;
        auto const whole = [&](Window const* w) {
            return n.value.shape.rank() == w->shape.rank() && w->node != no_node && w == &tape[w->node].value;
        };
        if (stack) {
            out.push_back(n.operands[static_cast<std::size_t>(i)]);
            continue;
        }
        if (axis <= 0 || looked + n.operands.size() > most || !std::all_of(n.operands.begin(), n.operands.end(), whole))
            return {};
        for (std::size_t k = n.operands.size(); k-- > 0;) open.push_back(&tape[n.operands[k]->node]);
    }
    return out;
}

}  // namespace

void Subgraph::see_through(Vertex& unit) {
    unit.inputs = unit.operands;
    if (std::none_of(unit.operands.begin(), unit.operands.end(), [&](Window const* w) { return stacked(tape_, *w); }))
        return;
    std::vector<Window const*>& inputs = inputs_.emplace_back();
    for (Window const* w : unit.operands) {
        auto const [it, fresh] = through_.try_emplace(w);
        if (Node const* n = fresh ? stacked(tape_, *w) : nullptr)
            it->second = looked_through(tape_, *n, w->viewing.begin);
        if (it->second.empty()) inputs.push_back(w);
        inputs.insert(inputs.end(), it->second.begin(), it->second.end());
    }
    unit.inputs = inputs;
}

std::span<Window const* const> Subgraph::lying_at(Window const& w) const {
    auto const it = through_.find(&w);
    return it == through_.end() ? std::span<Window const* const>{} : it->second;
}

void Subgraph::walk(int root) {
    struct Visit {
        int unit;
        std::size_t next;
    };
    std::vector<Visit> path;
    auto at    = [&](int u) -> Vertex& { return units_[static_cast<std::size_t>(u)]; };
    auto enter = [&](int u) { see_through(at(u)), path.push_back({u, 0}); };
    if (at(root).uses == 0) enter(root);
    while (!path.empty()) {
        auto& [u, next] = path.back();
        if (next == at(u).inputs.size()) {
            order_.push_back(u);
            path.pop_back();
            continue;
        }
        Window const& w = *at(u).inputs[next++];
        int const x = unit_for(w), user = u;
        bool const fresh = at(x).uses++ == 0 && !at(x).result;
        if (at(x).user < 0) at(x).user = user;
        at(x).partly |= !whole(w);
        if (fresh) enter(x);
    }
}

// ---- scopes ---------------------------------------------------------------------------------------------------------

int Subgraph::new_frame(ScopeRecord const& r, int parent) {
    ScopeFrame f{parent, r.name, r.step};
    int& last = last_loop_[static_cast<std::size_t>(parent)];
    if (r.step >= 0) {
        if (last >= 0) {
            auto const& steps = loops_[static_cast<std::size_t>(last)].steps;
            auto step         = [&](std::size_t i) { return frames_[static_cast<std::size_t>(steps[i])].step; };
            Index const gap   = r.step - step(steps.size() - 1);
            if (gap == 0) return steps.back();
            bool const follows = steps.size() == 1 ? gap == 1 || gap == -1 : gap == step(1) - step(0);
            if (!follows) last = -1;
        }
        if (last < 0) {
            last = static_cast<int>(loops_.size());
            loops_.push_back({parent, {}, {}});
        }
        f.loop = last;
        loops_[static_cast<std::size_t>(last)].steps.push_back(static_cast<int>(frames_.size()));
    }
    frames_.push_back(f);
    last_loop_.push_back(-1);
    return static_cast<int>(frames_.size()) - 1;
}

int Subgraph::frame_for(ScopeRecord const* r) {
    std::vector<ScopeRecord const*> fresh;
    for (; r && !known_.contains(r); r = r->parent) fresh.push_back(r);
    int frame = r ? known_[r] : 0;
    for (; !fresh.empty(); fresh.pop_back()) frame = known_[fresh.back()] = new_frame(*fresh.back(), frame);
    return frame;
}

// In the order of the tape, in which steps follow each other; then what a scan computed at once, where it is used.
void Subgraph::find_frames() {
    for (int u : of_node_)
        if (u >= 0)
            units_[static_cast<std::size_t>(u)].frame = frame_for(units_[static_cast<std::size_t>(u)].node->scope);
    for (auto u = order_.rbegin(); u != order_.rend(); ++u) {
        Vertex& unit = units_[static_cast<std::size_t>(*u)];
        if (!unit.node && unit.user >= 0) unit.frame = units_[static_cast<std::size_t>(unit.user)].frame;
    }
}

int Subgraph::step_around(int frame) const {
    while (frame > 0 && frames_[static_cast<std::size_t>(frame)].step < 0)
        frame = frames_[static_cast<std::size_t>(frame)].parent;
    return frame;
}

std::vector<std::string> Subgraph::modules_around(int frame) const {
    std::vector<std::string> out;
    for (int f = frame; f > 0; f = frames_[static_cast<std::size_t>(f)].parent)
        if (frames_[static_cast<std::size_t>(f)].step < 0)
            out.emplace_back(frames_[static_cast<std::size_t>(f)].module);
    std::reverse(out.begin(), out.end());
    return out;
}

bool Subgraph::within(int frame, int outer) const {
    while (frame > outer)
        frame = frames_[static_cast<std::size_t>(frame)].parent;  // a frame is made after the one around it
    return frame == outer;
}

TimeLoop const* Subgraph::loop_around(int frame) const {
    int const step = step_around(frame);
    return step > 0 ? &loops_[static_cast<std::size_t>(frames_[static_cast<std::size_t>(step)].loop)] : nullptr;
}

TimeLoop const* Subgraph::rolled_around(int frame) const {
    TimeLoop const* const loop = loop_around(frame);
    return loop && loop->shown_as >= 0 ? loop : nullptr;
}

std::optional<Index> Subgraph::moving(Window const& w) const {
    auto const it = moving_.find(&w);
    return it == moving_.end() ? std::nullopt : std::optional(it->second);
}

void Subgraph::sort_loops() {
    auto step = [&](int f) { return frames_[static_cast<std::size_t>(f)].step; };
    for (TimeLoop& loop : loops_)
        std::sort(loop.steps.begin(), loop.steps.end(), [&](int a, int b) { return step(a) < step(b); });
}

// ---- long loops -----------------------------------------------------------------------------------------------------

void Subgraph::hide(TimeLoop& loop, Index ends) {
    auto const n = static_cast<Index>(loop.steps.size());
    loop.hidden.assign(loop.steps.size(), loop.shown_as >= 0);
    for (Index i = 0; i < n && loop.shown_as >= 0; ++i)
        if (loop.steps[static_cast<std::size_t>(i)] == loop.shown_as) loop.hidden[static_cast<std::size_t>(i)] = false;
    if (loop.shown_as < 0 && ends > 0 && n > 2 * ends + 1)  // in place of a single step, that step
        for (Index i = ends; i < n - ends; ++i) loop.hidden[static_cast<std::size_t>(i)] = true;
}

/// Of the second step of the loop with most of them: how many boxes it will have, about.
Index Subgraph::equations_in_steps(GraphOptions const& options) const {
    std::vector<bool> typical(frames_.size(), false);
    for (TimeLoop const& l : loops_) typical[static_cast<std::size_t>(l.steps[l.steps.size() > 1 ? 1 : 0])] = true;
    std::map<int, std::set<std::pair<int, NodeId>>> boxes;  // of each such step
    for (int const u : of_node_) {
        if (u < 0 || units_[static_cast<std::size_t>(u)].leaf()) continue;
        Vertex const& unit = units_[static_cast<std::size_t>(u)];
        int const step     = step_around(unit.frame);
        if (!typical[static_cast<std::size_t>(step)]) continue;
        if (options.level == GraphOptions::modules) boxes[step].emplace(unit.frame, 0);
        else
            boxes[step].emplace(0, options.level == GraphOptions::operations ? static_cast<NodeId>(u)
                                                                             : unit.node->value.where.line);
    }
    Index most = 1;
    for (auto const& [step, all] : boxes) most = std::max(most, static_cast<Index>(all.size()));
    return most;
}

/// How many first and last steps are shown; 0: all.
Index Subgraph::ends(GraphOptions const& options) const {
    std::size_t longest = 0;
    for (TimeLoop const& l : loops_) longest = std::max(longest, l.steps.size());
    if (options.all_steps || options.steps || longest < 3) return options.all_steps ? 0 : options.steps.value_or(0);
    Index const each = equations_in_steps(options);
    return static_cast<Index>(longest) * each <= options.budget
               ? 0
               : std::clamp(options.budget / (2 * each), Index{1}, most_ends);
}

/// Steps with a marked node are seen.
void Subgraph::show(std::span<NodeId const> marked) {
    for (NodeId id : marked) {
        int const u = id < of_node_.size() ? of_node_[id] : -1;
        int f       = u < 0 ? 0 : units_[static_cast<std::size_t>(u)].frame;
        for (; f > 0; f = frames_[static_cast<std::size_t>(f)].parent) {
            int const loop = frames_[static_cast<std::size_t>(f)].loop;
            if (loop < 0 || loops_[static_cast<std::size_t>(loop)].shown_as >= 0) continue;
            TimeLoop& l = loops_[static_cast<std::size_t>(loop)];
            l.hidden[static_cast<std::size_t>(std::find(l.steps.begin(), l.steps.end(), f) - l.steps.begin())] = false;
        }
    }
}

void Subgraph::find_gaps(TimeLoop const& loop) {
    for (std::size_t i = 0; i < loop.steps.size(); ++i) {
        if (!loop.hidden[i]) continue;
        if (i == 0 || !loop.hidden[i - 1])
            gaps_.push_back({loop.parent, 0, static_cast<int>(&loop - loops_.data()),
                             frames_[static_cast<std::size_t>(loop.steps[i])].step});
        ++gaps_.back().steps;
        hidden_[static_cast<std::size_t>(loop.steps[i])] = static_cast<int>(gaps_.size()) - 1;
    }
}

void Subgraph::hide_middles(GraphOptions const& options) {
    hidden_.assign(frames_.size(), -1);
    Index const shown = ends(options);
    for (TimeLoop& loop : loops_) hide(loop, shown);
    show(options.mark);
    for (TimeLoop const& loop : loops_) find_gaps(loop);
    for (std::size_t f = 1; f < frames_.size(); ++f)
        if (int const outer = hidden_[static_cast<std::size_t>(frames_[f].parent)]; outer >= 0) hidden_[f] = outer;
}

}  // namespace unspool::core
