// The closed forms of schedules, and what applies them.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/schedule.hpp>

namespace unspool::core {

namespace {

constexpr Index far = Fields::most / 2;  // so that counting on is safe

double half_wave(Index t, Index steps, double low) {
    return low + (1 - low) * (1 + std::cos(std::numbers::pi * static_cast<double>(t) / static_cast<double>(steps))) / 2;
}

double power(double gamma, Index n) { return std::pow(gamma, static_cast<double>(n)); }

}  // namespace

Schedule schedule::step(Index every, double gamma, Where where) {
    require_at_least(1, "schedule::step", "every", every, where);
    require_not_negative("schedule::step", "gamma", gamma, where);
    return [=](Index t) { return power(gamma, t / every); };
}

Schedule schedule::multi_step(std::vector<Index> milestones, double gamma, Where where) {
    require_not_negative("schedule::multi_step", "gamma", gamma, where);
    return [milestones = std::move(milestones), gamma](Index t) {
        return power(gamma, std::count_if(milestones.begin(), milestones.end(), [t](Index m) { return m <= t; }));
    };
}

Schedule schedule::exponential(double gamma, Where where) {
    require_not_negative("schedule::exponential", "gamma", gamma, where);
    return [=](Index t) { return power(gamma, t); };
}

Schedule schedule::cosine(Index steps, double low, Where where) {
    require_at_least(1, "schedule::cosine", "steps", steps, where);
    require_not_negative("schedule::cosine", "low", low, where);
    return [=](Index t) { return half_wave(t, steps, low); };
}

Schedule schedule::cosine_restarts(Index steps, Index longer, double low, Where where) {
    require_at_least(1, "schedule::cosine_restarts", "steps", steps, where);
    require_at_least(1, "schedule::cosine_restarts", "longer", longer, where);
    require_not_negative("schedule::cosine_restarts", "low", low, where);
    return [=](Index t) {
        if (longer == 1) return half_wave(t % steps, steps, low);
        Index length = steps;
        for (; t >= length; length = length > Fields::most / longer ? Fields::most : length * longer) t -= length;
        return half_wave(t, length, low);
    };
}

Schedule schedule::warm_up(Index steps, Schedule then, double from, Where where) {
    require_at_least(1, "schedule::warm_up", "steps", steps, where);
    require_not_negative("schedule::warm_up", "from", from, where);
    return [=, then = std::move(then)](Index t) {
        if (t < steps) return from + (1 - from) * static_cast<double>(t) / static_cast<double>(steps);
        return then ? then(t - steps) : 1;
    };
}

Scheduler::Scheduler(Optimiser& o, Schedule s, Where where) : optimiser_(&o), schedule_(std::move(s)), base_(o.rate()) {
    if (!schedule_) throw ValueError(fmt::format("{}: Scheduler: the schedule is empty", text(where)));
    optimiser_->rate(base_ * schedule_(0), where);
}

void Scheduler::step(Where where) {
    optimiser_->rate(base_ * schedule_(steps_ + 1), where);
    ++steps_;
}

void Scheduler::fields(Fields f) {
    f.add("base", base_);
    f.add("steps", steps_, 0, far);
}

}  // namespace unspool::core
