// Binomial schedules over segments.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/recompute_plan.hpp>

namespace unspool::core {

namespace {

/// C(n, k), also where it is very large.
double choose(Index n, Index k) {
    if (k < 0 || k > n) return 0;
    double out = 1;
    for (Index i = 1, most = std::min(k, n - k); i <= most; ++i)
        out = out * static_cast<double>(n - i + 1) / static_cast<double>(i);
    return std::round(out);
}

/// The least r for which C(c + r, c) ≥ n: no segment is run more often.
Index repetitions(Index n, Index c) {
    auto const enough = [=](Index r) { return choose(c + r, c) >= static_cast<double>(n); };
    if (enough(0)) return 0;
    Index less = 0, r = 1;
    while (!enough(r)) less = r, r *= 2;
    while (r - less > 1) {
        Index const middle          = std::midpoint(less, r);
        (enough(middle) ? r : less) = middle;
    }
    return r;
}

std::size_t bytes_of(ScanCosts const& c, Index segment, Index snapshots) {
    return c.always + static_cast<std::size_t>(segment) * c.a_step + static_cast<std::size_t>(snapshots) * c.a_state;
}

RecomputePlan plan_of(Index steps, ScanCosts const& costs, Index segment, Index snapshots) {
    RecomputePlan out{steps, std::min(segment, steps), snapshots, static_cast<double>(steps), 0};
    if (!out.recomputes()) out.snapshots = 0;
    out.bytes        = bytes_of(costs, out.segment, out.snapshots);
    Index const n    = out.segments();
    double const run = advances(n, out.snapshots + 1) - static_cast<double>(n - 1);  // besides the first pass
    if (out.recomputes()) out.computed += static_cast<double>(steps) + run * static_cast<double>(out.segment);
    return out;
}

}  // namespace

double advances(Index segments, Index states) {
    auto const n = static_cast<double>(segments);
    if (segments <= 1) return 0;
    if (states >= segments) return n - 1;
    if (states == 1) return n * (n - 1) / 2;
    Index const r = repetitions(segments, states);
    return static_cast<double>(r) * n - choose(states + r, states + 1);
}

Index next_snapshot(Index segments, Index states) {
    if (states >= segments) return 1;
    Index const r = repetitions(segments, states);
    double const left =
        std::min(choose(states + r - 1, states), static_cast<double>(segments) - choose(states + r - 2, states - 1));
    return std::clamp(static_cast<Index>(left), Index{1}, segments - 1);
}

RecomputePlan plan_segments(Index steps, ScanCosts const& costs, Index segment) {
    segment = std::clamp(segment, Index{1}, std::max(Index{1}, steps));
    return plan_of(steps, costs, segment, std::max(Index{0}, (steps + segment - 1) / segment - 1));
}

// Longer segments leave room for fewer states: lengths a twentieth apart are tried.
RecomputePlan plan_recomputing(Index steps, ScanCosts const& costs, Bytes memory, Where where) {
    if (bytes_of(costs, steps, 0) <= memory.count) return plan_of(steps, costs, steps, 0);
    auto const fits = [&](Index segment, Index snapshots) {
        return bytes_of(costs, segment, snapshots) <= memory.count;
    };
    bool const blocks = fits(std::max(costs.block, costs.least), 0);
    Index const unit  = blocks ? std::max<Index>(costs.block, 1) : 1;
    RecomputePlan best;
    for (Index k = std::max(unit, costs.least); k < steps && fits(k, 0);
         k       = std::max(k + unit, k * 21 / 20 / unit * unit)) {
        auto const room          = memory.count - bytes_of(costs, k, 0);
        Index const between      = (steps + k - 1) / k - 1;
        auto const most          = room / std::max(std::size_t{1}, costs.a_state);
        Index const kept         = most < static_cast<std::size_t>(between) ? static_cast<Index>(most) : between;
        RecomputePlan const plan = plan_of(steps, costs, k, kept);
        if (best.steps == 0 || plan.computed <= best.computed) best = plan;
    }
    if (best.steps == 0)
        throw ValueError(fmt::format("{}: a scan of {} steps does not fit in {} bytes of memory: it needs {} at least",
                                     text(where), steps, memory.count, bytes_of(costs, costs.least, 0)));
    return best;
}

}  // namespace unspool::core
