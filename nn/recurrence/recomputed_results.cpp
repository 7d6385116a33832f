// Finds what is the same.
#include <algorithm>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/recurrence/recomputed_results.hpp>

namespace unspool::core {

HandedOn::HandedOn(Tape const& tape, Var const& x, NodeId first) {
    Window const* w = &x.window();
    if (w->node == no_node) return;
    Node const& node = tape[w->node];
    if (w->node >= first && !node.param) return;
    for (; w->parent && w != &node.value; w = w->parent) views_.emplace_back(*w, w->name);
    if (w->node < first) from_ = &node.value;
    else param_ = node.param, values_ = node.value.data;
}

Var HandedOn::again(Tape& tape) const {
    Window const* outer = param_ ? &tape.lift(*param_, {}).window() : from_;
    std::ptrdiff_t const moved =
        param_ ? static_cast<std::byte*>(outer->data) - static_cast<std::byte const*>(values_) : 0;
    for (auto v = views_.rbegin(); v != views_.rend(); ++v) {
        auto* const w = tape.arena().make<Window>(v->first);
        w->node       = outer->node;
        w->data       = static_cast<std::byte*>(w->data) + moved;
        w->name       = tape.arena().copy(std::string_view(v->second));
        w->parent     = outer;
        outer         = w;
    }
    return {tape, *outer};
}

RecomputedScan::Results::Key RecomputedScan::Results::key(Var const& x) {
    Window const& w = x.window();
    std::vector<Index> layout(w.shape.begin(), w.shape.end());
    layout.insert(layout.end(), w.strides.begin(), w.strides.end());
    return {w.node, w.data, std::move(layout)};
}

RecomputedScan::Results::Results(RecomputedScan& scan, Segment const& segment) : scan_(scan), segment_(segment.number) {
    for (std::size_t p = 0; segment_ > 0 && p < segment.start.size(); ++p)
        if (Index const ago = scan.parts_before(segment_)[p].output)
            first_.emplace(key(segment.start[p]), scan.begin_of(segment_) - ago);
    read_outputs(segment);
    read_state(segment);
}

void RecomputedScan::Results::read_outputs(Segment const& segment) {
    StepOutputs const& out = scan_.steps_->out;
    for (Index k = scan_.begin_of(segment_); out.each && k < scan_.end_of(segment_); ++k) {
        Var const& y = out.each[out.at(k)];
        if (HandedOn handed(scan_.tape_, y, segment.first); handed) outputs_.emplace_back(out.at(k), std::move(handed));
        else if (auto const [known, fresh] = first_.emplace(key(y), k); !fresh)
            same_.emplace_back(out.at(k), out.at(known->second));
    }
}

void RecomputedScan::Results::read_state(Segment const& segment) {
    auto const& state = segment.state;
    std::vector<Key> keys;
    for (std::size_t p = 0; p < state.size(); ++p) {
        Window const& w = state[p].window(scan_.steps_->where);
        keys.push_back(key(state[p]));
        auto const same_as = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), keys[p]) - keys.begin());
        auto const output  = first_.find(keys[p]);
        bool const is_one  = same_as == p && output != first_.end();
        parts_.push_back({w.shape, scan_.tape_.requires_grad(w),
                          is_one ? scan_.end_of(segment_) - output->second : Index{0}, same_as});
        if (HandedOn handed(scan_.tape_, state[p], segment.first); handed) outside_.emplace_back(p, std::move(handed));
    }
}

void RecomputedScan::Results::place() {
    StepOutputs const& out = scan_.steps_->out;
    for (auto const& [t, handed] : outputs_) out.each[t] = handed.again(scan_.tape_);
    for (auto const& [t, first] : same_) out.each[t] = out.each[first];
    for (auto const& [p, handed] : outside_) parts_[p].outside = handed.again(scan_.tape_);
    if (scan_.kinds_.empty() || !(scan_.kinds_.back() == parts_)) scan_.kinds_.push_back(std::move(parts_));
    scan_.kind_of_.push_back(static_cast<std::uint32_t>(scan_.kinds_.size() - 1));
}

}  // namespace unspool::core
