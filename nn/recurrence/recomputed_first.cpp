// The first pass: every segment is recorded, read, and goes, but for the outputs of its steps and the state behind it.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <tuple>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/recurrence/recomputed_scan.hpp>

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
        return tape.filled(shape, where, [&](auto to) { std::memcpy(to.data(), values.data(), values.size()); });
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
    : steps_(std::move(steps)), tape_(steps_->tape), start_(start.begin(), start.end()) {
    plan_.steps = steps_->out.steps;
}

bool RecomputedScan::take_first(std::span<Var> state) {
    StateSnapshot now;
    for (Index j = 0; j == 0 || j < plan_.segments(); ++j) {
        if (auto packing = tape_.packing(); packing_.empty() || !same_rows(packing_.back().second, packing))
            packing_.push_back({j, std::move(packing)});
        if (j > 0) keep_on_the_way(now);
        Segment segment(*this, now, false);
        if (j > 0) segment.take(begin_of(j), end_of(j));
        else if (begin(segment)) {
            segment.stay();
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
    std::size_t bytes[3] = {tape_.arena().bytes_used()}, nodes[3] = {tape_.size()};
    for (Index k = 0; k < tried; ++k) {
        segment.take(k, k + 1);
        bytes[k + 1] = tape_.arena().bytes_used(), nodes[k + 1] = tape_.size();
    }
    if (tried == steps) {
        plan_ = plan_segments(steps, {}, std::max(Index{1}, steps));
        if (steps_->options.plan) *steps_->options.plan = plan_;
        return true;
    }
    auto const t             = static_cast<std::size_t>(tried);
    std::size_t const a_step = bytes[t] - bytes[t - 1], shared = segment.scanning ? segment.scanning->bytes() : 0,
                      of_slots = (nodes[t] - nodes[t - 1]) * (sizeof(Slot) + sizeof(Node*));
    ScanCosts costs{};
    costs.least  = tried;
    costs.block  = std::max(tried, segment.scanning ? segment.scanning->block() : 1);
    costs.a_step = a_step + of_slots + 2 * shared / static_cast<std::size_t>(costs.block);
    costs.always = bytes[1] - bytes[0] + 2 * a_step + 2 * shared;
    for (Var const& x : segment.state)
        costs.a_state += static_cast<std::size_t>(count(x.shape())) * size_of(tape_.dtype());
    costs.always += 4 * costs.a_state;
    costs.a_state += sizeof(StateSnapshot) + sources_.size() * 2560;
    for (NodeId id = 0; id < tape_.size(); ++id)  // what products may keep of them
        if (Node const& n = tape_[id]; n.param && n.value.shape.rank() == 2 && tape_.mechanisms.pack)
            costs.always += 2 * static_cast<std::size_t>(count(n.value.shape)) * size_of(tape_.dtype());
    if (steps_->out.each) {
        Shape const& y        = steps_->out.each[steps_->out.at(0)].shape();
        std::size_t const one = static_cast<std::size_t>(count(y)) * size_of(tape_.dtype());
        costs.always += static_cast<std::size_t>(steps) * (one + sizeof(Var) + sizeof(Window));
        costs.a_step += 2 * one;
    }
    choose_segments(costs);
    segment.take(tried, end_of(0));
    return !plan_.recomputes();
}

void RecomputedScan::choose_segments(ScanCosts const& costs) {
    ScanOptions const& o = steps_->options;
    plan_                = o.memory.count > 0 ? plan_recomputing(plan_.steps, costs, o.memory, steps_->where)
                                              : plan_segments(plan_.steps, costs, o.recompute_every);
    if (o.memory.count > 0 && o.recompute_every > 0 && o.recompute_every < plan_.segment)
        plan_ = plan_segments(plan_.steps, costs, o.recompute_every);
    if (o.plan) *o.plan = plan_;
    room_ = plan_.snapshots;
    if (room_ > 0) next_kept_ = next_snapshot(plan_.segments(), room_ + 1);
}

/// Reads what is left of a segment that was taken for the first time, and lets it go.
void RecomputedScan::end_first(Segment& segment, StateSnapshot& after) {
    StepOutputs const& out = steps_->out;
    Index const j          = segment.number;
    read_operands(segment.first);
    if (auto parts = parts_of(j + 1, segment.state); kinds_.empty() || !(kinds_.back() == parts))
        kinds_.push_back(std::move(parts));
    kind_of_.push_back(static_cast<std::uint32_t>(kinds_.size() - 1));
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
    return steps_->loss && part == last_.back() ? mean_ : std::nullopt;
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
        out.each[out.at(k)] = all_[At(out.at(k), steps_->where)];
        if (one > 0) std::memcpy(out.each[out.at(k)].window().data, from, one);
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
        if (parts[p].is_output) state[p] = steps_->out.each[step_before(after.segment)];
        else if (parts[p].same_as < p) state[p] = state[parts[p].same_as];
        else {
            bool const constant = !parts[p].requires_grad;
            Node* const n       = tape_.allocate(parts[p].shape, steps_->where);
            std::memcpy(n->value.data, from, bytes);
            state[p] = tape_.record(n, &last_state_rule(),
                                    constant ? std::span<Window const* const>{}
                                             : tape_.arena().copy(std::span<Window const* const>(operand)),
                                    this);
            if (!constant) last_[p] = n->value.node;
        }
        from += bytes;
    }
    operands_.clear(), is_operand_.clear();
}

void RecomputedScan::require_same(StateSnapshot const& s) const {
    if (checksum(s.values) == sums_[static_cast<std::size_t>(s.segment - 1)]) return;
    throw TapeError(
        fmt::format("{}: steps {} to {} of a scan gave another state when they were computed again: does the cell "
                    "draw from a source without saying so (draws_from), or keep something of its own from step "
                    "to step?",
                    text(steps_->where), begin_of(s.segment - 1), end_of(s.segment - 1) - 1));
}

}  // namespace unspool::core
