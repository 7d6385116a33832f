// Where gradients are kept, those of outputs and of the last state are of all that they lead to, later steps among them.  What a segment was
// given and hands on gets more in segments before it, down to the one that made it.
#include <algorithm>
#include <numeric>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/nn/recurrence/recomputed_scan.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

namespace {

/// Where elements of a window lie, counted row by row, in elements from an address.
std::vector<Index> places(std::vector<Index> const& elements, Window const& w, void const* from, std::size_t size) {
    Index const begin =
        (static_cast<std::byte const*>(w.data) - static_cast<std::byte const*>(from)) / static_cast<Index>(size);
    std::vector<Index> out;
    for (Index e : elements) {
        Index at = begin;
        for (std::size_t axis = w.shape.size(); axis-- > 0; e /= w.shape[axis])
            at += e % w.shape[axis] * w.strides[axis];
        out.push_back(at);
    }
    return out;
}

std::vector<Index> all_of(Shape const& shape) {
    std::vector<Index> out(static_cast<std::size_t>(count(shape)));
    std::iota(out.begin(), out.end(), Index{0});
    return out;
}

}  // namespace

void RecomputedScan::await_last_state(Adjoints const& adjoints) {
    awaited_.clear();
    for (std::size_t p = 0; p < last_.size(); ++p)
        if (last_[p] != no_node && adjoints.keeps(last_[p]))
            awaited_.push_back({last_[p], -1, p, all_of(tape_[last_[p]].value.shape)});
}

void RecomputedScan::keep_results(Segment& segment, Adjoints& adjoints) const {
    auto const keep = [&](Var const& x) {
        if (tape_.requires_grad(x.window())) adjoints.keep(x.window().node);
    };
    for (Awaited const& a : awaited_) keep(segment.state[a.part]);
    if (adjoints.keeps(node_->value.node)) each_output(segment.number, [&](Index, Var const& y) { keep(y); });
}

/// The part of the state that the segment began with which is this node.
std::optional<std::size_t> RecomputedScan::start_part(Segment const& segment, NodeId node) const {
    for (std::size_t p = 0; segment.number > 0 && p < segment.start.size(); ++p)
        if (segment.start[p].window().node == node && parts_before(segment.number)[p].outside.empty()) return p;
    return {};
}

void RecomputedScan::take_awaited(Segment& segment, Adjoints& adjoints) {
    std::size_t const size         = size_of(tape_.dtype());
    std::vector<Awaited> const all = std::exchange(awaited_, {});
    for (Awaited const& a : all) {
        Window const& w = segment.state[a.part].window();
        if (!tape_.requires_grad(w)) continue;
        std::vector<Index> const at = places(a.elements, w, tape_[w.node].value.data, size);
        if (auto const p = start_part(segment, w.node)) awaited_.push_back({a.last, a.t, *p, at});
        else if (adjoints.reached(w.node)) write(a, adjoints.of(tape_[w.node]), at, adjoints);
    }
}

void RecomputedScan::take_outputs(Segment& segment, Adjoints& adjoints) {
    std::size_t const size = size_of(tape_.dtype());
    each_output(segment.number, [&](Index t, Var const& y) {
        Window const& w = y.window();
        if (!tape_.requires_grad(w) || w.node < segment.first) return;
        std::vector<Index> at = places(all_of(w.shape), w, tape_[w.node].value.data, size);
        if (auto const p = start_part(segment, w.node)) awaited_.push_back({no_node, t, *p, std::move(at)});
        else if (adjoints.reached(w.node)) write({no_node, t, 0, {}}, adjoints.of(tape_[w.node]), at, adjoints);
    });
}

/// Elements of a gradient, from there to where they are awaited.
void RecomputedScan::write(Awaited const& a, void const* from, std::vector<Index> const& at, Adjoints& adjoints) {
    Target const to = adjoints.into(a.t < 0 ? tape_[a.last].value : all_[At(a.t, steps_->where)].window());
    dispatch(tape_.dtype(), [&](auto zero) {
        using T = decltype(zero);
        std::transform(at.begin(), at.end(), static_cast<T*>(to.data),
                       [&](Index i) { return static_cast<T const*>(from)[i]; });
    });
}

}  // namespace unspool::core
