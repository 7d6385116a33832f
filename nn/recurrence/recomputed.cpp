// The node of a recomputed scan, and those of its last state.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/nn/recurrence/recomputed_scan.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

void StepOutputs::add_loss(Index t, Var const& y) {
    Var const l = (*loss)(t, y);
    total       = total.empty() ? l : Var(total + l);
}

namespace {

ScanOptions for_steps(ScanOptions o) {
    o.lengths = {};  // masks know them, and they are the caller's
    return o;
}

}  // namespace

RecomputableSteps::RecomputableSteps(Tape& t, Masks const& m, ScanOptions const& o, StepOutputs const& outputs, Where w)
    : tape(t), masks(m), options(for_steps(o)), out(outputs), where(w), noise_(o.noise, w), fresh_(noise_) {
    if (out.loss) loss = *out.loss;
    if (o.noise.random) own_ = *o.noise.random, life_ = o.noise.random->life();
    if (o.recompute_every < 0)
        throw ValueError(
            fmt::format("{}: recompute_every is {}, but must not be negative", text(w), o.recompute_every));
    if (o.state_may_change)
        throw ValueError(text(w) +
                         ": steps whose state may change its shape cannot be computed again from states of one shape");
}

// The masks of the first steps are drawn again with them.
void RecomputableSteps::take(Index from, Index to, std::span<Var> state, bool again) {
    NoiseOnState once = fresh_;
    ScanOptions how   = options;
    how.record        = !again && options.record ? &seen : nullptr;
    out.loss          = loss ? &loss : nullptr;
    if (loss) out.total = state.back();
    NoiseOnState& noise = again && from == 0 ? once : noise_;
    if (own_ && life_.expired()) noise.draw_from(&*own_);
    run(from, to, state, again, noise, how);
    if (loss) state.back() = out.total;
}

namespace {

RecomputedScan& scan_of(Node const& node) { return *static_cast<RecomputedScan*>(const_cast<void*>(node.attributes)); }

constexpr Operation taken_again{"scan"}, last_state{"last"};

class RecomputedRule final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override { scan_of(node).pull_back(adjoints); }
    void differentiate(Node const& node, Differentiation& d) const override { scan_of(node).differentiate(d); }
    void recompute(Tape const&, Node const& node, Window const& value,
                   std::span<Window const* const> operands) const override;
    Equation equation(Node const& node, std::span<Equation const> operands) const override {
        auto const& plan     = scan_of(node).plan();
        Equation const how[] = {fmt::format("{} steps, recomputed", plan.steps)};
        return Equation::of(taken_again, operands, how);
    }
    std::string_view name() const override { return "recomputed scan"; }
};

/// What of an operand lies elsewhere is put in its place, while this lives.
class InPlace {
public:
    InPlace(Dtype dtype, std::span<Window const* const> there, std::span<Window const* const> here)
        : dtype_(dtype), there_(there), here_(here) {
        exchange();
    }
    ~InPlace() { exchange(); }
    InPlace(InPlace const&)            = delete;
    InPlace& operator=(InPlace const&) = delete;

private:
    void exchange() const {
        for (std::size_t k = 0; k < here_.size(); ++k) {
            auto* const a = static_cast<std::byte*>(there_[k]->data);
            auto* const b = static_cast<std::byte*>(here_[k]->data);
            if (a != b) std::swap_ranges(a, a + count(here_[k]->shape) * static_cast<Index>(size_of(dtype_)), b);
        }
    }

    Dtype dtype_;
    std::span<Window const*const> there_, here_;
};

void RecomputedRule::recompute(Tape const& tape, Node const& node, Window const& value,
                               std::span<Window const* const> operands) const {
    InPlace const moved(tape.dtype(), operands, node.operands);
    scan_of(node).recompute(value);
}

/// A part of the last state, which waits with what it receives for the node that it comes from.
class LastStateRule final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override {
        adjoints.hold(node.value.node);
        adjoints.reach(adjoints.tape()[node.operands[0]->node]);
    }
    void differentiate(Node const& node, Differentiation& d) const override {
        Var const g = d.adjoint(), outputs = d.operands()[0];
        scan_of(node).receive(node.value.node, g);
        d.add(0, outputs.tape().zeros(outputs.shape()));
    }
    void recompute(Tape const& tape, Node const& node, Window const& value,
                   std::span<Window const* const>) const override {
        std::memcpy(value.data, node.value.data, static_cast<std::size_t>(count(value.shape)) * size_of(tape.dtype()));
    }
    std::optional<Averaged> averages(Node const& node) const override {
        return scan_of(node).averages(node.value.node);
    }
    bool is_result() const override { return true; }
    Equation equation(Node const&, std::span<Equation const> operands) const override {
        return Equation::of(last_state, operands);
    }
    std::string_view name() const override { return "last state"; }
};

constexpr RecomputedRule of_scan;
constexpr LastStateRule of_last_state;

}  // namespace

Rule const& recomputed_rule() { return of_scan; }
Rule const& last_state_rule() { return of_last_state; }

void take_recomputed(std::shared_ptr<RecomputableSteps> steps, std::span<Var> state) {
    Tape& tape      = steps->tape;
    auto const scan = std::make_shared<RecomputedScan>(std::move(steps), state);
    if (!scan->take_first(state) && tape.recording()) tape.keep(scan);
}

}  // namespace unspool::core
