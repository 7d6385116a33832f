// How a scan is cut into segments, and which states are kept, so that its backward pass needs no more than so much memory.
#pragma once
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/recurrence/bytes.hpp>

namespace unspool::core {

/// What a scan of a cell takes, in bytes.
struct ScanCosts {
    std::size_t always;       ///< whatever is kept: the outputs, and what does not depend on the number of steps
    std::size_t a_state;      ///< to keep it
    std::size_t a_step;       ///< to record it, with its adjoints
    Index block         = 1;  ///< steps that share a product: segments are a multiple of it, if there is room
    Index least         = 1;  ///< steps of a segment
    std::size_t outputs = 0;  ///< of what is always kept
};

/// What was chosen, and what it costs.
struct RecomputePlan {
    Index steps       = 0;  ///< of the scan
    Index segment     = 0;  ///< steps that are recorded at once; all of them: nothing is computed again
    Index snapshots   = 0;  ///< states kept at once, besides the first
    double computed   = 0;  ///< steps computed by the scan and by a backward pass together
    std::size_t bytes = 0;  ///< at most so many

    /// How many a sequence is cut into.
    Index segments() const { return segment > 0 ? (steps + segment - 1) / segment : 0; }
    bool recomputes() const { return segment < steps; }
    /// Forward passes in all; a plain scan has 1.
    double passes() const { return steps > 0 ? computed / static_cast<double>(steps) : 0; }
};

/// How many segments are run again, without being recorded, to reverse so many of them with `states` states, of which the first is one:
///     r T − C(c + r, c + 1)  with the least r for which C(c + r, c) ≥ T:
/// Griewank and Walther, "Algorithm 799: revolve" (2000).  That is the least that any schedule does.
double advances(Index segments, Index states);
/// How many segments further on the next state should be kept; 1 or more, and fewer than there are.
Index next_snapshot(Index segments, Index states);

/// The plan with the fewest steps that fits.  ValueError that says the least that would do, if there is none.
RecomputePlan plan_recomputing(Index steps, ScanCosts const&, Bytes memory, Where = Where::here());
/// The plan of segments of so many steps, with all states between them.
RecomputePlan plan_segments(Index steps, ScanCosts const&, Index segment);

}  // namespace unspool::core

namespace unspool {

using core::RecomputePlan, core::ScanCosts, core::plan_recomputing;

}  // namespace unspool
