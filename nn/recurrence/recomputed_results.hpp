// What a segment that is taken for the first time leaves that is more than values: outputs and parts of the state that are the same Var as
// something else.  On a tape that keeps all steps they are the same to whoever reads them, and have one gradient.
#pragma once
#include <string>
#include <tuple>
#include <unspool/nn/recurrence/recomputed_scan.hpp>

namespace unspool::core {

/// A Var that was there before a segment, or a parameter, or a view of these, as a step handed it on: made again when the segment is gone.
class HandedOn {
public:
    /// Nothing where x is something else.
    HandedOn(Tape const&, Var const& x, NodeId first);
    explicit operator bool() const { return from_ || param_; }
    Var again(Tape&) const;

private:
    std::vector<std::pair<Window, std::string>> views_;  // and their names; the last one is of what lasts
    Window const* from_ = nullptr;
    Param const* param_ = nullptr;
    void const* values_ = nullptr;  // of the parameter, while the segment is there
};

class RecomputedScan::Results {
public:
    /// Reads them, while the segment is there,
    Results(RecomputedScan&, Segment const&);
    /// and puts them in place when it is gone.
    void place();

private:
    using Key = std::tuple<NodeId, void const*, std::vector<Index>>;
    static Key key(Var const&);
    void read_outputs(Segment const&);
    void read_state(Segment const&);

    RecomputedScan& scan_;
    Index const segment_;
    std::map<Key, Index> first_;  // which step, as they are counted, had an output first
    std::vector<std::pair<Index, Index>> same_;
    std::vector<std::pair<Index, HandedOn>> outputs_;
    PartsBetween parts_;
    std::vector<std::pair<std::size_t, HandedOn>> outside_;
};

}  // namespace unspool::core
