// The backward pass: segments are recorded again from the last on, swept into the adjoints there are, and go.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/recurrence/recomputed_scan.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/derivatives/gradient.hpp>

namespace unspool::core {

/// While it lives, sources of randomness may be set back; then they go on from where they were.
class RecomputedScan::SourcesStay {
public:
    explicit SourcesStay(RecomputedScan& scan) : scan_(scan), now_(scan.values_of(0, {}).random) {}
    ~SourcesStay() { scan_.set_sources(now_); }
    SourcesStay(SourcesStay const&)            = delete;
    SourcesStay& operator=(SourcesStay const&) = delete;

private:
    RecomputedScan& scan_;
    std::vector<Random> const now_;
};

/// The outputs of the scan as they are, while its steps are recorded once more.
class RecomputedScan::OutputsStay {
public:
    explicit OutputsStay(StepOutputs const& out)
        : out_(out), now_(out.each, out.each ? out.each + out.steps : out.each) {}
    ~OutputsStay() { std::copy(now_.begin(), now_.end(), out_.each); }
    OutputsStay(OutputsStay const&)            = delete;
    OutputsStay& operator=(OutputsStay const&) = delete;

private:
    StepOutputs const out_;
    std::vector<Var> const now_;
};

void RecomputedScan::require_unchanged() const {
    if (std::any_of(sources_.begin(), sources_.end(), [](Source const& s) { return s.needed && !s.now(); }))
        throw TapeError(text(steps_->where) +
                        ": a source of randomness that the steps of a scan drew from is gone, and they cannot be "
                        "computed again");
    for (Window const* w : node_->operands)
        if (Node const& n = tape_[w->node];
            n.param && !static_cast<LeafOfParam const*>(n.attributes)->up_to_date(*n.param))
            throw TapeError(
                fmt::format("{}: parameter {} has changed since this tape read it, and the steps of a scan cannot be "
                            "computed again: rewind the tape and record again",
                            text(steps_->where), n.param->path()));
}

void RecomputedScan::pull_back(Adjoints& adjoints) {
    if (adjoints.rows())
        throw TypeError(text(steps_->where) +
                        ": rows of gradients, and those of single sequences, are read off steps that stay on the tape: "
                        "let this scan keep them");
    require_unchanged();
    SourcesStay const stay(*this);
    incoming_.assign(last_.size(), {});
    taken_.clear();
    await_last_state(adjoints);
    for (std::size_t p = 0; p < last_.size(); ++p)
        if (last_[p] != no_node) {
            Node const& part = tape_[last_[p]];
            if (auto const* g = static_cast<std::byte const*>(adjoints.received(part))) {
                incoming_[p].emplace(g, g + static_cast<std::size_t>(count(part.value.shape)) * size_of(tape_.dtype()));
                adjoints.let_go(last_[p]);
            }
        }
    for (Index j = plan_.segments(); j-- > 0;) {
        StateSnapshot const start = go_to(j);
        sweep(start, adjoints);
    }
}

/// The state before a segment, from the last one that is kept; keeps others on the way.
StateSnapshot RecomputedScan::go_to(Index segment) {
    while (!snapshots_.empty() && snapshots_.back().segment > segment) snapshots_.pop_back();
    StateSnapshot now;
    if (!snapshots_.empty()) now = snapshots_.back();
    set_sources(now.random);
    for (Index left = segment + 1 - now.segment; left > 1;) {
        Index const room = plan_.snapshots - std::ssize(snapshots_);
        Index const by   = room > 0 ? next_snapshot(left, room + 1) : left - 1;
        for (Index k = 0; k < by; ++k) now = advanced(now);
        left -= by;
        if (room > 0) snapshots_.push_back(now);
    }
    return now;
}

StateSnapshot RecomputedScan::advanced(StateSnapshot const& now) {
    Segment segment(*this, now, true);
    segment.take_again();
    StateSnapshot after = values_of(now.segment + 1, segment.state);
    require_same(after);
    segment.leave();
    return after;
}

void RecomputedScan::sweep(StateSnapshot const& start, Adjoints& adjoints) {
    NodeId const first = tape_.size();
    Segment segment(*this, start, true);
    segment.take_again();
    require_same(values_of(start.segment + 1, segment.state));
    adjoints.cover();
    plant(segment, adjoints);
    bool const kept = adjoints.keeps(node_->value.node);
    keep_results(segment, adjoints);
    adjoints.sweep(first, tape_.size());
    take_awaited(segment, adjoints);
    if (kept) take_outputs(segment, adjoints);
    take_incoming(segment, adjoints);
    adjoints.uncover(first);
    segment.leave();
}

namespace {

void add_to(Adjoints& adjoints, Var const& x, void const* g) {
    Window const& w = x.window();
    Target const to = adjoints.into(w);
    if (to.fill == WriteMode::none) return;
    dispatch(x.dtype(), [&](auto t) {
        using T = decltype(t);
        copy<T>({static_cast<T*>(to.data), w.shape, w.strides}, {static_cast<T const*>(g), w.shape, row_major(w.shape)},
                to.fill);
    });
}

}  // namespace

// What the output before the segment has received comes first for a state that is the same: so it does where nothing is recomputed, and
// sums are the same to the last bit.
void RecomputedScan::plant(Segment& segment, Adjoints& adjoints) {
    for (std::size_t p = 0; p < incoming_.size(); ++p)
        if (incoming_[p]) add_to(adjoints, segment.state[p], incoming_[p]->data());
    Index const j = segment.number;
    each_output(j, [&](Index t, Var const& y) {
        if (std::erase(taken_, t) > 0) return;
        if (void const* const g = adjoints.received(*node_, t)) add_to(adjoints, y, g);
    });
    for (std::size_t p = 0; j > 0 && p < segment.start.size(); ++p) {
        if (parts_before(j)[p].output == 0) continue;
        Index const t = step_of(j, parts_before(j)[p]);
        if (std::find(taken_.begin(), taken_.end(), t) != taken_.end()) continue;
        taken_.push_back(t);
        if (void const* const g = adjoints.received(*node_, t)) add_to(adjoints, segment.start[p], g);
    }
}

void RecomputedScan::take_incoming(Segment& segment, Adjoints& adjoints) {
    incoming_.assign(segment.start.size(), {});
    if (segment.number == 0) return;
    PartsBetween const& parts = parts_before(segment.number);
    for (std::size_t p = 0; p < parts.size(); ++p) {
        if (!parts[p].requires_grad || parts[p].same_as < p || !parts[p].outside.empty()) continue;
        Node const& leaf = tape_[segment.start[p].window().node];
        if (auto const* g = static_cast<std::byte const*>(adjoints.received(leaf)))
            incoming_[p].emplace(g, g + static_cast<std::size_t>(count(leaf.value.shape)) * size_of(tape_.dtype()));
    }
}

// ---- recorded ----

void RecomputedScan::receive(NodeId part, Var g) {
    for (std::size_t p = 0; p < last_.size(); ++p)
        if (last_[p] == part) given_[p] = g;
}

/// The whole scan is recorded again, and stays: what its gradients are computed from has gradients as well.
std::vector<Var> RecomputedScan::record_again() {
    StepOutputs const& out              = steps_->out;
    std::vector<Var> state              = start_;
    std::vector<Reusable> const packing = tape_.packing();
    Circumstances::Again const as_then(tape_, then_);
    std::optional<Scanning> scanning;
    begin_scanning(scanning);
    tape_.pack_as(packing_at(0));
    DrawListener::During const telling(*this);
    steps_->take(0, out.steps, state, true);
    tape_.put_back(packing, tape_.mark());
    return state;
}

void RecomputedScan::differentiate(Differentiation& d) {
    std::vector<Var> const given = std::exchange(given_, std::vector<Var>(last_.size()));
    require_unchanged();
    SourcesStay const stay(*this);
    set_sources({});
    OutputsStay const outputs_stay(steps_->out);
    NodeId const first           = tape_.size();
    std::vector<Var> const state = record_again();
    std::vector<Var> ys, seeds, wanted;
    std::vector<std::size_t> parts;
    for (std::size_t p = 0; p < last_.size(); ++p)
        if (!given[p].empty()) ys.push_back(state[p]), seeds.push_back(given[p]);
    StepOutputs const& out = steps_->out;
    for (Index t = 0; out.each && t < out.steps; ++t)
        ys.push_back(out.each[t]), seeds.push_back(d.adjoint()[At(t, steps_->where)]);
    for (std::size_t k = 0; k < d.operands().size(); ++k)
        if (d.wants(k)) wanted.push_back(d.operands()[k]);
    for (std::size_t p = 0; p < last_.size(); ++p)
        if (last_[p] != no_node && d.wants_value(tape_[last_[p]])) parts.push_back(p), wanted.push_back(state[p]);
    bool const of_outputs = out.each && d.wants_value(*node_);
    for (Index t = 0; of_outputs && t < out.steps; ++t)
        if (tape_.requires_grad(out.each[t].window())) wanted.push_back(out.each[t]);
    auto const g = gradient_of_sum(ys, seeds, wanted, first, steps_->where);
    auto next    = g.begin();
    for (std::size_t k = 0; k < d.operands().size(); ++k)
        if (d.wants(k)) d.add(k, *next++);
    for (std::size_t p : parts) d.total(tape_[last_[p]], *next++);
    if (!of_outputs) return;
    std::vector<Var> total;
    for (Index t = 0; t < out.steps; ++t)
        total.push_back(tape_.requires_grad(out.each[t].window()) ? *next++ : d.adjoint()[At(t, steps_->where)]);
    d.total(*node_, stack(total, 0, steps_->where));
}

// ---- elsewhere ----

void RecomputedScan::recompute(Window const& outputs) {
    SourcesStay const stay(*this);
    set_sources({});
    if (!steps_->out.each) return;
    StateSnapshot now;
    std::size_t const one = static_cast<std::size_t>(count(outputs.shape) / plan_.steps) * size_of(tape_.dtype());
    for (Index j = 0; j < plan_.segments(); ++j) {
        Segment segment(*this, now, true);
        segment.take_again();
        each_output(j, [&](Index t, Var const& y) {
            copy_values(static_cast<std::byte*>(outputs.data) + static_cast<std::size_t>(t) * one, y);
        });
        now = values_of(j + 1, segment.state);
        segment.leave();
    }
}

}  // namespace unspool::core
