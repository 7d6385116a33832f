// Compares steps: first what each computes, in order, then where its operands come from.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/picture/rolling.hpp>

namespace unspool::core {

void Rolling::roll() {
    r_.alias_.assign(r_.units_.size(), -1);
    gather();
    std::vector<std::string> why(r_.loops_.size());
    for (std::size_t l = 0; l < r_.loops_.size(); ++l)
        if (r_.loops_[l].steps.size() > 2) why[l] = match(l);
    for (bool again = true; again;) {  // a loop that is not rolled up after all may be an operand of others
        again = false;
        for (std::size_t l = 0; l < r_.loops_.size(); ++l)
            if (r_.loops_[l].shown_as >= 0)
                if (why[l] = verify(l); !why[l].empty()) forget(l), again = true;
    }
    for (std::size_t l = 0; l < r_.loops_.size(); ++l)
        if (!why[l].empty())
            r_.differences_ += fmt::format("{}{}", r_.differences_.empty() ? "" : "; ", title(l) + why[l]);
}

std::string Rolling::title(std::size_t l) const {
    int frame = r_.loops_[l].parent;
    while (frame > 0 && r_.frames_[at(frame)].step >= 0) frame = r_.frames_[at(frame)].parent;
    return fmt::format("{} is not rolled up: ", frame > 0 ? r_.frames_[at(frame)].module : "a loop");
}

void Rolling::gather() {
    std::map<int, std::pair<std::size_t, std::size_t>> place;
    steps_.resize(r_.loops_.size());
    for (std::size_t l = 0; l < r_.loops_.size(); ++l) {
        steps_[l].resize(r_.loops_[l].steps.size());
        for (std::size_t i = 0; i < r_.loops_[l].steps.size(); ++i) place[r_.loops_[l].steps[i]] = {l, i};
    }
    for (int const u : r_.of_node_) {
        if (u < 0 || r_[u].param()) continue;
        if (int const step = r_.step_around(r_[u].frame); step > 0)
            steps_[place[step].first][place[step].second].push_back(u);
    }
}

bool Rolling::has_inner_loops(TimeLoop const& loop) const {
    return std::any_of(r_.loops_.begin(), r_.loops_.end(), [&](TimeLoop const& other) {
        return std::any_of(loop.steps.begin(), loop.steps.end(),
                           [&](int step) { return r_.within(other.parent, step); });
    });
}

/// Whatever from.
bool Rolling::computes_the_same(int u, int v) const {
    Vertex const &x = r_[u], &y = r_[v];
    if (x.leaf() || y.leaf()) return x.leaf() && y.leaf() && x.window->shape == y.window->shape;
    Where const here = x.node->value.where, there = y.node->value.where;
    if (here.line != there.line || std::string_view(here.file) != there.file) return false;
    auto const equation = [](Node const& n) {
        return n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    };
    return x.window->shape == y.window->shape && equation(*x.node) == equation(*y.node);
}

/// A step may lack what no one used of it.
bool Rolling::match(Units const& step, Units const& shown) {
    std::size_t k = 0;
    for (int u : step) {
        while (k < shown.size() && !computes_the_same(shown[k], u)) ++k;
        if (k == shown.size()) return false;
        r_.alias_[at(u)] = shown[k++];
    }
    return true;
}

std::string Rolling::match(std::size_t l) {
    auto const& steps = steps_[l];
    if (has_inner_loops(r_.loops_[l])) return "there is another loop inside of it";
    std::size_t shown = 1;
    for (std::size_t i = 1; i < steps.size(); ++i)
        if (steps[i].size() > steps[shown].size()) shown = i;
    first_[l]             = shown;
    r_.loops_[l].shown_as = r_.loops_[l].steps[shown];
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (!match(steps[i], steps[shown])) {
            std::string const why =
                fmt::format("step {} computes something else than step {}", r_.frames_[at(r_.loops_[l].steps[i])].step,
                            r_.frames_[at(r_.loops_[l].steps[shown])].step);
            forget(l);
            return why;
        }
    return "";
}

void Rolling::forget(std::size_t l) {
    r_.loops_[l].shown_as = -1;
    for (auto const& step : steps_[l])
        for (int u : step) r_.alias_[at(u)] = -1;
}

std::string Rolling::verify(std::size_t l) {
    still_.clear(), moves_.clear();
    for (auto const& step : steps_[l])
        for (int u : step)
            if (auto const why = compare(u, r_.alias_[at(u)]); !why.empty()) return why;
    for (auto const& [w, moves] : moves_) {
        if (!still_[w] && !moves) return "indices go neither along with time nor stay the same";
        if (!still_[w]) r_.moving_[w] = w->viewing.begin - r_.frames_[at(r_.loops_[l].shown_as)].step;
    }
    return "";
}

std::string Rolling::compare(int u, int shown) {
    auto const a = r_[u].inputs, b = r_[shown].inputs;
    bool same = a.size() == b.size();
    for (std::size_t k = 0; same && k < a.size(); ++k) same = compare(*a[k], *b[k], u, shown);
    return same ? "" : fmt::format("step {} takes something else than step {}", time_of(u), time_of(shown));
}

bool Rolling::compare(Window const& w, Window const& shown, int u, int as) {
    return same_unit(w, shown, u, as) && same_view(w, shown, time_of(u), time_of(as));
}

/// The same one in all steps, or the same one of a step as far away; or, at the border, what the loop began with.
bool Rolling::same_unit(Window const& w, Window const& shown, int u, int as) {
    int const x = r_.unit(w), y = r_.unit(shown);
    if (x == y) return true;
    if (!r_[x].node && !r_[y].node) return w.shape == shown.shape;
    if (r_[x].leaf() && r_[y].leaf() && r_.step_around(r_[x].frame) == 0) return false;
    TimeLoop const* const theirs = r_.loop_around(r_[y].frame);
    if (!theirs) return false;
    if (r_.loop_around(r_[x].frame) == theirs)
        return r_.alias_[at(x)] == r_.alias_[at(y)] && r_.alias_[at(x)] >= 0 &&
               time_of(u) - time_of(x) == time_of(as) - time_of(y);
    Index const t     = time_of(u) - (time_of(as) - time_of(y));  // when it would have been computed
    Index const begin = r_.frames_[at(theirs->steps.front())].step, end = r_.frames_[at(theirs->steps.back())].step;
    return t < begin || t > end;
}

bool Rolling::same_view(Window const& w, Window const& shown, Index t, Index shown_t) {
    Window const *a = &w, *b = &shown;
    for (; a != b && a->parent && b->parent; a = a->parent, b = b->parent) {
        Viewing const &v = a->viewing, &s = b->viewing;
        if (r_.unit(w) != r_.unit(shown)) continue;  // of what the loop began with, another part may be taken
        if (v.kind != s.kind || v.axis != s.axis) return false;
        if (v.kind == Viewing::index) {
            auto const [still, fresh] = still_.try_emplace(b, true);
            auto const moves          = moves_.try_emplace(b, true).first;
            still->second &= v.begin == s.begin;
            moves->second &= v.begin - t == s.begin - shown_t;
        } else if (!(v == s)) return false;
    }
    return true;
}

}  // namespace unspool::core
