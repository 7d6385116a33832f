// Learning rates that change as training goes on.
#pragma once
#include <functional>
#include <unspool/nn/optim/optimiser.hpp>
#include <vector>

namespace unspool::core {

/// What the rate is multiplied by after so many steps: any function will do, such as `[](Index t) { return 1 / std::sqrt(t + 1.0); }`.
using Schedule = std::function<double(Index steps)>;

/// Those of PyTorch, as closed forms.  ValueError where a number is outside its range.
namespace schedule {

/// γ^⌊t / every⌋.
Schedule step(Index every, double gamma = 0.1, Where = Where::here());
/// γ^(how many of the milestones are not after t).
Schedule multi_step(std::vector<Index> milestones, double gamma = 0.1, Where = Where::here());
/// γᵗ.
Schedule exponential(double gamma, Where = Where::here());
/// low + (1 - low)(1 + cos(π t / steps)) / 2: from 1 down to `low`, then up again, with a period of 2 · steps (Loshchilov and Hutter, 2017).
/// PyTorch's `eta_min` is `low` times the optimiser's rate.
Schedule cosine(Index steps, double low = 0, Where = Where::here());
/// The same down to `low`, then again from 1, each time `longer` times as long.
Schedule cosine_restarts(Index steps, Index longer = 1, double low = 0, Where = Where::here());
/// In a straight line from `from` up to 1 in so many steps, then the other schedule from its beginning: `warm_up(500, cosine(10'000))`.
Schedule warm_up(Index steps, Schedule then = {}, double from = 0, Where = Where::here());

}  // namespace schedule

/// Sets the rate of an optimiser to that which it has now, times a schedule.
///
///     Scheduler rate(adam, schedule::warm_up(500, schedule::cosine(10'000)));
///     for (…) adam.step(gradients), rate.step();
class Scheduler {
public:
    /// The optimiser must outlive it.  ValueError if the schedule is empty, or begins with what is no rate.
    Scheduler(Optimiser&, Schedule, Where = Where::here());

    /// After each step of the optimiser, or after each epoch, as the schedule was meant.  ValueError, and no change, if the
    /// schedule makes the rate negative or not finite.
    void step(Where = Where::here());
    Index steps() const { return steps_; }  ///< that were made

    void fields(Fields);

private:
    Optimiser* optimiser_;
    Schedule schedule_;
    double base_;
    Index steps_ = 0;
};

}  // namespace unspool::core

namespace unspool {

using core::Schedule, core::Scheduler;
namespace schedule = core::schedule;

}  // namespace unspool
