// The first pass: every segment is recorded, read, and goes, but for the outputs of its steps and the state behind it.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <tuple>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/recurrence/recomputed_results.hpp>

namespace unspool::core {

namespace {

/// FNV-1a, by words.
std::uint64_t checksum(std::vector<std::byte> const& bytes) {
    std::uint64_t out = 0xcbf29ce484222325;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof out) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, std::min(sizeof word, bytes.size() - i));
        out = (out ^ word) * 0x100000001b3;
        out ^= out >> 29;
    }
    return out;
}

/// A value that is about to go.
struct Kept {
    Shape shape;
    std::vector<std::byte> values;

    explicit Kept(Var const& x)
        : shape(x.shape()), values(static_cast<std::size_t>(count(shape)) * size_of(x.dtype())) {
        copy_values(values.data(), x);
    }
    Var constant(Tape& tape, Where where) const {
        return tape.filled(shape, where, [&](auto to) {
            if (!values.empty()) std::memcpy(to.data(), values.data(), values.size());
        });
    }
};

bool same_rows(std::vector<Reusable> const& a, std::vector<Reusable> const& b) {
    auto const rows = [](Packed const& p) { return std::min(p.rows, Packed::worth); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](Reusable const& x, Reusable const& y) {
        return rows(x.as_stored) == rows(y.as_stored) && rows(x.transposed) == rows(y.transposed);
    });
}

}  // namespace

RecomputedScan::RecomputedScan(std::shared_ptr<RecomputableSteps> steps, std::span<Var const> start)
    : steps_(std::move(steps)), tape_(steps_->tape), then_(tape_), start_(start.begin(), start.end()) {
    plan_.steps = steps_->out.steps;
}

bool RecomputedScan::take_first(std::span<Var> state) {
    StateSnapshot now;
    for (Index j = 0; j == 0 || j < plan_.segments(); ++j) {
        if (auto packing = tape_.packing(); packing_.empty() || !same_rows(packing_.back().second, packing))
            packing_.push_back({j, std::move(packing)});
        if (j > 0) keep_on_the_way(now);
        Segment segment(*this, now, false);
        if (j > 0) {
            segment.take(begin_of(j), end_of(j));
            require_as_planned(segment);
        } else if (begin(segment)) {
            segment.stay();
            steps_->seen.each(
                [&](std::string const& name, Index t, Var const& x) { steps_->options.record->put(name, t, x); });
            std::copy(segment.state.begin(), segment.state.end(), state.begin());
            if (steps_->out.steps > 0) steps_->noise().end();
            return true;
        }
        end_first(segment, now);
    }
    steps_->noise().end();
    end(state, now);
    return false;
}

/// Takes the steps of the first segment, and finds on the way how many they are; are they all there are?
bool RecomputedScan::begin(Segment& segment) {
    Index const steps = plan_.steps, tried = std::min<Index>(steps, steps_->options.recompute_every == 1 ? 1 : 2);
    std::vector<Taken> taken{{tape_.arena().bytes_used(), tape_.size()}};
    for (Index k = 0; k < tried; ++k) {
        segment.take(k, k + 1);
        taken.push_back({tape_.arena().bytes_used(), tape_.size()});
    }
    if (tried == steps) {
        plan_ = plan_segments(steps, {}, std::max(Index{1}, steps));
        if (steps_->options.plan) *steps_->options.plan = plan_;
        return true;
    }
    choose_segments(costs_of(segment, taken));
    segment.take(tried, end_of(0));
    require_as_planned(segment);
    return !plan_.recomputes();
}

/// What has been taken before the first step of a segment and after each of a few.
ScanCosts RecomputedScan::costs_of(Segment const& segment, std::span<Taken const> taken) const {
    Index const tried   = std::ssize(taken) - 1;
    Taken const &before = taken[0], &first = taken[1], &last = taken.back(), &last_but_one = taken[taken.size() - 2];
    std::size_t const a_step = last.bytes - last_but_one.bytes,
                      shared = segment.scanning ? segment.scanning->bytes() : 0, size = size_of(tape_.dtype());
    ScanCosts costs{};
    costs.least  = tried;
    costs.block  = std::max(tried, segment.scanning ? segment.scanning->block() : 1);
    costs.a_step = a_step + (last.nodes - last_but_one.nodes) * (sizeof(Slot) + sizeof(Node*)) +
                   2 * shared / static_cast<std::size_t>(costs.block);
    for (Var const& x : segment.state) costs.a_state += static_cast<std::size_t>(count(x.shape())) * size;
    costs.always = first.bytes - before.bytes + 2 * a_step + 2 * shared + 4 * costs.a_state;
    for (NodeId id = 0; id < tape_.size(); ++id)  // what products may keep of them
        if (Node const& n = tape_[id]; n.param && n.value.shape.rank() == 2 && tape_.mechanisms.pack)
            costs.always += 2 * static_cast<std::size_t>(count(n.value.shape)) * size;
    std::size_t const a_choice = 2 * (sizeof(Node) + 3 * sizeof(Window));
    if (!steps_->masks.all().empty() && !steps_->masks.cuts(steps_->out.at(tried - 1)))  // it will later
        costs.a_step += 2 * costs.a_state + (segment.state.size() + 1) * a_choice;
    costs.a_state += sizeof(StateSnapshot) + sources_.size() * 2560;
    if (!steps_->out.each) return costs;
    std::size_t const an_output = static_cast<std::size_t>(count(steps_->out.each[steps_->out.at(0)].shape())) * size;
    costs.outputs               = static_cast<std::size_t>(plan_.steps) * (an_output + sizeof(Var) + sizeof(Window));
    costs.always += costs.outputs;
    costs.a_step += 2 * an_output;
    return costs;
}

/// Later steps may take more than the first ones, from which all was planned.
void RecomputedScan::require_as_planned(Segment const& segment) const {
    std::size_t const taken = tape_.arena().bytes_used() - segment.bytes_before;
    if (taken <= planned_) return;
    throw ValueError(fmt::format(
        "{}: steps {} to {} of a scan take {} bytes, and no more than {} were to be expected from its first steps: "
        "what "
        "a step takes grows, so that no budget can be planned; give the number of steps to be kept at once, "
        "recompute_every, instead",
        text(steps_->where), begin_of(segment.number), end_of(segment.number) - 1, taken, planned_));
}

void RecomputedScan::choose_segments(ScanCosts const& costs) {
    ScanOptions const& o = steps_->options;
    plan_                = o.memory.count > 0 ? plan_recomputing(plan_.steps, costs, o.memory, steps_->where)
                                              : plan_segments(plan_.steps, costs, o.recompute_every);
    if (o.memory.count > 0 && o.recompute_every > 0 && o.recompute_every < plan_.segment)
        if (auto const shorter = plan_segments(plan_.steps, costs, o.recompute_every); shorter.bytes <= o.memory.count)
            plan_ = shorter;
    if (o.plan) *o.plan = plan_;
    if (o.memory.count > 0)
        planned_ = costs.always - costs.outputs + static_cast<std::size_t>(plan_.segment) * costs.a_step;
    room_ = plan_.snapshots;
    if (room_ > 0) next_kept_ = next_snapshot(plan_.segments(), room_ + 1);
}

/// Reads what is left of a segment that was taken for the first time, and lets it go.
void RecomputedScan::end_first(Segment& segment, StateSnapshot& after) {
    StepOutputs const& out = steps_->out;
    Index const j          = segment.number;
    read_operands(segment.first);
    Results results(*this, segment);
    after = values_of(j + 1, segment.state);
    sums_.push_back(checksum(after.values));
    std::vector<std::byte> outputs;
    Shape output = out.each ? out.each[out.at(begin_of(j))].shape() : Shape{};
    if (j > 0 && out.each) output = node_->value.shape, output.erase(0);
    for (Index k = begin_of(j); k < end_of(j) && out.each; ++k) {
        Var const& y = out.each[out.at(k)];
        if (!(y.shape() == output))
            throw ShapeError(
                fmt::format("{}: step {}: the output is {} and was {}: what is computed again has outputs of "
                            "one shape",
                            text(steps_->where), out.at(k), text(y.shape()), text(output)));
        Kept const kept(y);
        outputs.insert(outputs.end(), kept.values.begin(), kept.values.end());
    }
    std::vector<Kept> masks;
    if (j == 0) steps_->noise().each_mask([&](Var& m) { masks.emplace_back(m); });
    std::vector<std::tuple<std::string, Index, Kept>> seen;
    steps_->seen.each([&](std::string const& name, Index t, Var const& x) { seen.emplace_back(name, t, x); });
    steps_->seen.clear();
    segment.leave();
    auto mask = masks.begin();
    if (j == 0) steps_->noise().each_mask([&](Var& m) { m = (mask++)->constant(tape_, steps_->where); });
    for (auto const& [name, t, x] : seen) steps_->options.record->put(name, t, x.constant(tape_, steps_->where));
    if (j == 0) make_node(output);
    place_outputs(j, outputs);
    results.place();
}

void RecomputedScan::read_operands(NodeId from) {
    for (NodeId id = from; id < tape_.size(); ++id) {
        Node const& n = tape_[id];
        if (n.param) new_params_.push_back(n.param);
        if (steps_->loss && n.rule && count(n.value.shape) == 1)
            if (auto const mean = n.rule->averages(n); mean && (!mean_ || mean_->all())) mean_ = mean;
        for (Window const* w : n.operands) {
            if (w->node == no_node || w->node >= from || (node_ && w->node == node_->value.node)) continue;
            add_operand(tape_[w->node].value);
        }
    }
}

std::optional<Averaged> RecomputedScan::averages(NodeId part) const {
    if (!steps_->loss || part != last_.back()) return {};
    if (mean_ && !mean_->all())
        throw ValueError(text(steps_->where) +
                         ": losses of the steps are means that leave out a part of what they are given, so that there "
                         "is no one weight to put shards together by; return Weighed{loss, weight}");
    return mean_;
}

void RecomputedScan::add_operand(Window const& of_node) {
    if (of_node.node >= is_operand_.size()) is_operand_.resize(of_node.node + 1, false);
    if (!is_operand_[of_node.node]) operands_.push_back(&of_node);
    is_operand_[of_node.node] = true;
}

void RecomputedScan::make_node(Shape const& output) {
    Shape shape = output;
    if (steps_->out.each) shape.insert(0, plan_.steps);
    else shape = {0};
    node_ = tape_.allocate(shape, steps_->where);
    std::memset(node_->value.data, 0, static_cast<std::size_t>(count(shape)) * size_of(tape_.dtype()));
    all_ = tape_.record(node_, &recomputed_rule(), {}, this);
    for (Window const* w : operands_) node_->requires_grad |= tape_.requires_grad(*w);
}

void RecomputedScan::place_outputs(Index segment, std::vector<std::byte> const& values) {
    StepOutputs const& out = steps_->out;
    if (!out.each) return;
    std::size_t const one = values.size() / static_cast<std::size_t>(end_of(segment) - begin_of(segment));
    std::byte const* from = values.data();
    for (Index k = begin_of(segment); k < end_of(segment); ++k, from += one) {
        Index const t = out.at(k);
        if (one > 0)
            std::memcpy(static_cast<std::byte*>(node_->value.data) + static_cast<std::size_t>(t) * one, from, one);
        out.each[t] = all_[At(t, steps_->where)];
    }
}

void RecomputedScan::keep_on_the_way(StateSnapshot const& now) {
    if (room_ == 0 || now.segment != next_kept_) return;
    snapshots_.push_back(now);
    Index const left = plan_.segments() - now.segment;
    --room_;
    next_kept_ = room_ > 0 && left > 1 ? now.segment + next_snapshot(left, room_ + 1) : 0;
}

void RecomputedScan::end(std::span<Var> state, StateSnapshot const& after) {
    node_->operands = tape_.arena().copy(std::span<Window const* const>(operands_));
    for (Window const* w : operands_) node_->requires_grad |= tape_.requires_grad(*w);
    std::byte const* from     = after.values.data();
    PartsBetween const& parts = kinds_.back();
    last_.assign(parts.size(), no_node), given_.assign(parts.size(), Var());
    for (std::size_t p = 0; p < parts.size(); ++p) {
        std::size_t const bytes       = static_cast<std::size_t>(count(parts[p].shape)) * size_of(tape_.dtype());
        Window const* const operand[] = {&node_->value};
        if (!parts[p].outside.empty()) state[p] = parts[p].outside;
        else if (parts[p].output > 0) state[p] = steps_->out.each[steps_->out.at(plan_.steps - parts[p].output)];
        else if (parts[p].same_as < p) state[p] = state[parts[p].same_as];
        else {
            bool const constant = !parts[p].requires_grad;
            Node* const n       = tape_.allocate(parts[p].shape, steps_->where);
            if (bytes > 0) std::memcpy(n->value.data, from, bytes);
            state[p] = tape_.record(n, &last_state_rule(),
                                    constant ? std::span<Window const* const>{}
                                             : tape_.arena().copy(std::span<Window const* const>(operand)),
                                    this);
            if (!constant) last_[p] = n->value.node;
        }
        from += bytes;
    }
    operands_.clear(), is_operand_.clear();
    for (Source& s : sources_) s.needed = !s.life.expired();
}

void RecomputedScan::require_same(StateSnapshot const& s) const {
    StepOutputs const& out = steps_->out;
    bool same              = checksum(s.values) == sums_[static_cast<std::size_t>(s.segment - 1)];
    std::vector<std::byte> again;
    for (Index k = begin_of(s.segment - 1); same && out.each && k < end_of(s.segment - 1); ++k) {
        Var const& y = out.each[out.at(k)];
        again.resize(static_cast<std::size_t>(count(y.shape())) * size_of(y.dtype()));
        copy_values(again.data(), y);
        auto const* const first = static_cast<std::byte const*>(node_->value.data);
        same                    = std::equal(again.begin(), again.end(), first + out.at(k) * std::ssize(again));
    }
    if (same) return;
    throw TapeError(fmt::format(
        "{}: steps {} to {} of a scan gave another state or output when they were computed again: does the cell "
        "draw from a source without saying so (draws_from), or keep something of its own from step "
        "to step?",
        text(steps_->where), begin_of(s.segment - 1), end_of(s.segment - 1) - 1));
}

}  // namespace unspool::core
