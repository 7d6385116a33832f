// Walks a tape from its results to its leaves, without recursion, and sorts what it finds into scopes.
#include <algorithm>
#include <unspool/autograd/reading.hpp>

namespace unspool {

Reading::Reading(Tape const& tape, std::vector<Var> const& results, Index max_steps, std::span<NodeId const> marked)
    : tape_(tape), of_node_(tape.size(), -1) {
    for (Var const& x : results) {
        int const u = unit_for(x.window());
        walk(u);
        units_[static_cast<std::size_t>(u)].result = true;
        ++units_[static_cast<std::size_t>(u)].uses;
    }
    find_frames();
    hide_middles(max_steps, marked);
}

int Reading::add(Window const& w, Node const* node) {
    units_.push_back({&w, node, node && node->rule ? node->operands : std::span<Window const* const>{}});
    return static_cast<int>(units_.size()) - 1;
}

int Reading::unit(Window const& w) const { return w.node == no_node ? of_array_.at(w.data) : of_node_[w.node]; }

bool Reading::whole(Window const& w) const { return w.node == no_node || w.viewing.kind == Viewing::whole; }

int Reading::unit_for(Window const& w) {
    auto made = [&](int& u, Window const& all, Node const* node) { return u < 0 ? u = add(all, node) : u; };
    if (w.node == no_node) return made(of_array_.try_emplace(w.data, -1).first->second, w, nullptr);
    return made(of_node_[w.node], tape_[w.node].value, &tape_[w.node]);
}

void Reading::walk(int root) {
    struct Visit {
        int         unit;
        std::size_t next;
    };
    std::vector<Visit> path;
    auto               enter = [&](int u) { path.push_back({u, 0}); };
    auto               at    = [&](int u) -> Unit& { return units_[static_cast<std::size_t>(u)]; };
    if (at(root).uses == 0) enter(root);
    while (!path.empty()) {
        auto& [u, next] = path.back();
        if (next == at(u).operands.size()) {
            order_.push_back(u);
            path.pop_back();
            continue;
        }
        Window const& w = *at(u).operands[next++];
        int const     x = unit_for(w), user = u;
        bool const    fresh = at(x).uses++ == 0 && !at(x).result;
        if (at(x).user < 0) at(x).user = user;
        at(x).partly |= !whole(w);
        if (fresh) enter(x);
    }
}

// ---- scopes ---------------------------------------------------------------------------------------------------------

int Reading::new_frame(ScopeRecord const& r, int parent) {
    Frame f{parent, r.name, r.step};
    int&  last = last_loop_[static_cast<std::size_t>(parent)];
    if (r.step >= 0) {
        if (last >= 0) {
            auto const& steps = loops_[static_cast<std::size_t>(last)].steps;
            auto        step  = [&](std::size_t i) { return frames_[static_cast<std::size_t>(steps[i])].step; };
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

int Reading::frame_for(ScopeRecord const* r) {
    std::vector<ScopeRecord const*> fresh;
    for (; r && !known_.contains(r); r = r->parent) fresh.push_back(r);
    int frame = r ? known_[r] : 0;
    for (; !fresh.empty(); fresh.pop_back()) frame = known_[fresh.back()] = new_frame(*fresh.back(), frame);
    return frame;
}

// In the order of the tape, in which steps follow each other; then what a scan computed at once, where it is used.
void Reading::find_frames() {
    for (int u : of_node_)
        if (u >= 0) units_[static_cast<std::size_t>(u)].frame = frame_for(units_[static_cast<std::size_t>(u)].node->scope);
    for (auto u = order_.rbegin(); u != order_.rend(); ++u) {
        Unit& unit = units_[static_cast<std::size_t>(*u)];
        if (!unit.node && unit.user >= 0) unit.frame = units_[static_cast<std::size_t>(unit.user)].frame;
    }
}

int Reading::step_around(int frame) const {
    while (frame > 0 && frames_[static_cast<std::size_t>(frame)].step < 0) frame = frames_[static_cast<std::size_t>(frame)].parent;
    return frame;
}

bool Reading::within(int frame, int outer) const {
    while (frame > outer) frame = frames_[static_cast<std::size_t>(frame)].parent;  // a frame is made after the one around it
    return frame == outer;
}

void Reading::hide(Loop& loop, Index max_steps) {
    auto const n = static_cast<Index>(loop.steps.size()), first = (max_steps + 1) / 2, last = max_steps - first;
    loop.hidden.assign(loop.steps.size(), false);
    for (Index i = first; n > max_steps && i < n - last; ++i) loop.hidden[static_cast<std::size_t>(i)] = true;
}

/// Steps with a marked node are seen.
void Reading::show(std::span<NodeId const> marked) {
    for (NodeId id : marked) {
        int const u = id < of_node_.size() ? of_node_[id] : -1;
        int       f = u < 0 ? 0 : units_[static_cast<std::size_t>(u)].frame;
        for (; f > 0; f = frames_[static_cast<std::size_t>(f)].parent)
            for (Loop& l : loops_)
                if (auto const at = std::find(l.steps.begin(), l.steps.end(), f); at != l.steps.end())
                    l.hidden[static_cast<std::size_t>(at - l.steps.begin())] = false;
    }
}

void Reading::find_gaps(Loop const& loop) {
    for (std::size_t i = 0; i < loop.steps.size(); ++i) {
        if (!loop.hidden[i]) continue;
        if (i == 0 || !loop.hidden[i - 1]) gaps_.push_back({loop.parent});
        ++gaps_.back().steps;
        hidden_[static_cast<std::size_t>(loop.steps[i])] = static_cast<int>(gaps_.size()) - 1;
    }
}

void Reading::hide_middles(Index max_steps, std::span<NodeId const> marked) {
    auto step = [&](int f) { return frames_[static_cast<std::size_t>(f)].step; };
    hidden_.assign(frames_.size(), -1);
    for (Loop& loop : loops_) {
        std::sort(loop.steps.begin(), loop.steps.end(), [&](int a, int b) { return step(a) < step(b); });
        hide(loop, max_steps);
    }
    show(marked);
    for (Loop const& loop : loops_) find_gaps(loop);
    for (std::size_t f = 1; f < frames_.size(); ++f)
        if (int const outer = hidden_[static_cast<std::size_t>(frames_[f].parent)]; outer >= 0) hidden_[f] = outer;
}

}  // namespace unspool
