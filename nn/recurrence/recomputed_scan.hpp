// What the node of a recomputed scan keeps: how its steps are taken, and a few states between them.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/nn/recurrence/recomputed.hpp>
#include <unspool/ops/arrays/draws.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// What is known of one part of the state between two segments.
struct PartBetween {
    Shape shape;
    bool requires_grad;
    Index output;         // the same Var as the first output that is it, of so many steps ago; 0: as none
    std::size_t same_as;  // the first part that is the same Var: itself, in general
    Var outside = {};     // that is handed on as it is, and was there before

    friend bool operator==(PartBetween const& a, PartBetween const& b) {
        return a.shape == b.shape && a.requires_grad == b.requires_grad && a.output == b.output &&
               a.same_as == b.same_as && a.outside.empty() == b.outside.empty() &&
               (a.outside.empty() || &a.outside.window() == &b.outside.window());
    }
};
using PartsBetween = std::vector<PartBetween>;

/// The values of a state, one part behind the other, and where sources of randomness are.
struct StateSnapshot {
    Index segment = 0;  // that begins with it
    std::vector<std::byte> values;
    std::vector<Random> random;
};

class Segment;

/// Elements of a gradient that is whole only when a segment before has been swept: of a part of the state behind it, to be written to a part
/// of the last state, or to the output of step t.
struct Awaited {
    NodeId last;
    Index t;
    std::size_t part;
    std::vector<Index> elements;  // of the part, row by row
};

class RecomputedScan final : public DrawListener {
public:
    RecomputedScan(std::shared_ptr<RecomputableSteps>, std::span<Var const> start);

    /// Takes all steps for the first time, and leaves the state after them; true if they stay on the tape as they are.
    bool take_first(std::span<Var> state);
    void pull_back(Adjoints&);
    /// A part of the last state is given g, when the sweep is recorded.
    void receive(NodeId part, Var g);
    /// The adjoints of what was recorded before, recorded.
    void differentiate(Differentiation&);
    /// Takes all steps again with what is in the operands' place now, and copies the outputs.
    void recompute(Window const& outputs);

    RecomputePlan const& plan() const { return plan_; }
    /// What a part of the last state is the mean over, if it is the sum of losses that are means.
    std::optional<Averaged> averages(NodeId part) const;
    void draws_from(Random&) override;

private:
    friend class Segment;
    struct Source {
        std::weak_ptr<void const> life;
        Random* random;
        Random* own;  // of the steps, if that one is gone; may be null
        Random at_first;
        bool needed = false;  // it was there after the last step
        Random* now() const { return life.expired() ? own : random; }
    };
    struct Taken {
        std::size_t bytes, nodes;
    };
    class SourcesStay;
    class OutputsStay;
    class Results;

    Index begin_of(Index segment) const { return segment * plan_.segment; }
    Index end_of(Index segment) const { return std::min(plan_.steps, begin_of(segment) + plan_.segment); }
    /// The step whose output a part of the state before a segment is.
    Index step_of(Index segment, PartBetween const& p) const { return steps_->out.at(begin_of(segment) - p.output); }
    void begin_scanning(std::optional<Scanning>&);
    template <class F> void each_output(Index segment, F f) const;  // f(t, the Var there)
    PartsBetween const& parts_before(Index segment) const {
        return kinds_[kind_of_[static_cast<std::size_t>(segment - 1)]];
    }

    bool begin(Segment&);
    ScanCosts costs_of(Segment const&, std::span<Taken const>) const;
    void choose_segments(ScanCosts const&);
    void require_as_planned(Segment const&) const;
    void end_first(Segment&, StateSnapshot& after);
    void read_operands(NodeId from);
    void add_operand(Window const& of_node);
    void make_node(Shape const& output);
    void place_outputs(Index segment, std::vector<std::byte> const&);
    void keep_on_the_way(StateSnapshot const&);
    void end(std::span<Var> state, StateSnapshot const&);

    std::vector<Var> leaves_of(StateSnapshot const&);
    StateSnapshot values_of(Index segment, std::span<Var const> state) const;
    void set_sources(std::vector<Random> const&);
    std::vector<Reusable> const& packing_at(Index segment) const;

    void require_unchanged() const;
    void require_same(StateSnapshot const&) const;
    StateSnapshot go_to(Index segment);
    StateSnapshot advanced(StateSnapshot const&);
    void sweep(StateSnapshot const& start, Adjoints&);
    void plant(Segment&, Adjoints&);
    void take_outputs(Segment&, Adjoints&);
    std::optional<std::size_t> start_part(Segment const&, NodeId) const;
    void await_last_state(Adjoints const&);
    void keep_results(Segment&, Adjoints&) const;
    void take_awaited(Segment&, Adjoints&);
    void write(Awaited const&, void const* from, std::vector<Index> const& at, Adjoints&);
    void take_incoming(Segment&, Adjoints&);
    std::vector<Var> record_again();

    std::shared_ptr<RecomputableSteps> steps_;
    Tape& tape_;
    Circumstances const then_;
    RecomputePlan plan_;
    std::vector<Var> start_;
    Node* node_ = nullptr;
    Var all_;                       // the node's value: outputs [T,...]
    std::vector<NodeId> last_;      // the nodes of the parts of the last state; no_node where it is something else
    std::vector<Var> given_;        // to them
    std::optional<Averaged> mean_;  // that losses of steps are
    std::vector<Window const*> operands_;
    std::vector<bool> is_operand_;
    std::vector<Param const*> new_params_;  // that a segment met
    std::vector<PartsBetween> kinds_;
    std::vector<std::uint32_t> kind_of_;  // which of these, behind each segment
    std::vector<std::uint64_t> sums_;     // of the bytes of the state there
    std::vector<StateSnapshot> snapshots_;
    std::vector<Source> sources_;
    std::vector<std::pair<Index, std::vector<Reusable>>> packing_;  // at the beginning of segments
    Index next_kept_ = 0, room_ = 0;
    /// Bytes of what a segment records, at most.
    std::size_t planned_ = std::numeric_limits<std::size_t>::max();
    std::vector<std::optional<std::vector<std::byte>>> incoming_;  // the adjoints of the state behind a segment
    std::vector<Index> taken_;                                     // steps whose outputs' adjoints are among them
    std::vector<Awaited> awaited_;                                 // where gradients are kept
};

/// What is recorded of a segment, for as long as this lives, unless it stays.
class Segment {
public:
    Segment(RecomputedScan&, StateSnapshot const& start, bool again);
    ~Segment();
    Segment(Segment const&)            = delete;
    Segment& operator=(Segment const&) = delete;

    void take(Index from, Index to);
    void take_again();
    void leave();  ///< takes the tape back, but for parameters that it met, and what of them is packed
    void stay() { left_ = true; }

    Index const number;
    Tape::Mark const mark;
    NodeId const first;
    std::size_t const bytes_before;
    std::optional<Scanning> scanning;
    std::vector<Var> start, state;

private:
    void read_results();
    void put_outputs_back();

    RecomputedScan& scan_;
    bool const again_;
    std::optional<Circumstances::Again> as_then_;
    bool left_ = false;
    std::size_t const sources_;                   // of randomness, that were known before
    std::vector<std::pair<Index, Var>> outputs_;  // that stood there before
};

template <class F> void RecomputedScan::each_output(Index segment, F f) const {
    StepOutputs const& out = steps_->out;
    for (Index k = begin_of(segment); out.each && k < end_of(segment); ++k) f(out.at(k), out.each[out.at(k)]);
}

void copy_values(std::byte* to, Var const& from);  ///< one behind the other
Rule const& recomputed_rule();                     ///< of the node
Rule const& last_state_rule();                     ///< of parts of the last state

}  // namespace unspool::core
