// When the rate is reduced.
#include <algorithm>
#include <limits>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/plateau.hpp>

namespace unspool::core {

namespace {

PlateauOptions checked(PlateauOptions const& o, Where where) {
    require_number(o.factor >= 0 && o.factor < 1, "ReduceOnPlateau", "factor", o.factor, "in [0, 1)", where);
    require_at_least(0, "ReduceOnPlateau", "patience", o.patience, where);
    require_not_negative("ReduceOnPlateau", "threshold", o.threshold, where);
    require_at_least(0, "ReduceOnPlateau", "cooldown", o.cooldown, where);
    require_not_negative("ReduceOnPlateau", "least_rate", o.least_rate, where);
    require_not_negative("ReduceOnPlateau", "eps", o.eps, where);
    return o;
}

}  // namespace

ReduceOnPlateau::ReduceOnPlateau(Optimiser& o, PlateauOptions options, Where where)
    : optimiser_(&o)
    , options_(checked(options, where))
    , best_(options.goal == PlateauOptions::Goal::least ? std::numeric_limits<double>::infinity()
                                                        : -std::numeric_limits<double>::infinity()) {}

bool ReduceOnPlateau::better(double metric) const {
    double const sign  = options_.goal == PlateauOptions::Goal::least ? -1 : 1;
    bool const factor  = options_.threshold_mode == PlateauOptions::Threshold::relative;
    double const bound = factor ? best_ * (1 + sign * options_.threshold) : best_ + sign * options_.threshold;
    return sign > 0 ? metric > bound : metric < bound;
}

bool ReduceOnPlateau::step(double metric) {
    if (better(metric)) best_ = metric, bad_ = 0;
    else ++bad_;
    if (cooling_ > 0) --cooling_, bad_ = 0;
    if (bad_ <= options_.patience) return false;
    bad_ = 0, cooling_ = options_.cooldown;
    return reduce();
}

bool ReduceOnPlateau::reduce() {
    double const old = optimiser_->rate(), lower = std::max(old * options_.factor, options_.least_rate);
    if (!(old - lower > options_.eps)) return false;
    optimiser_->rate(lower);
    return true;
}

void ReduceOnPlateau::fields(Fields f) {
    constexpr Index most = Fields::most / 2;  // so that counting on is safe
    f.add("best", best_);
    f.add("bad", bad_, 0, most);
    f.add("cooling", cooling_, 0, most);
}

}  // namespace unspool::core
