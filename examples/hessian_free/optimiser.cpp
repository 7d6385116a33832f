#include "optimiser.hpp"
#include <cmath>

namespace hessian_free {

namespace {

using core::flat::along, core::flat::from, core::flat::Numbers, core::flat::onto;

/// All that a loss and its damping look at, in one array, and both.
struct Damped {
    Var seen, loss;
};
Damped damped(Run const& run, double states) {
    Index const n = core::count(run.predicted.shape()), m = core::count(run.states.shape());
    Var const seen   = concat({reshape(run.predicted, {n}), reshape(run.states, {m})});
    Var const change = slice(seen, 0, n, n + m) - slice(seen, 0, n, n + m).detach();
    Var const loss   = mse(slice(seen, 0, 0, n), reshape(run.wanted, {n}));
    return {seen, loss + states * sum(square(change)) / (2.0 * static_cast<double>(run.states.size(1)))};
}

}  // namespace

HessianFree::HessianFree(Params params, Options options)
    : params_(std::move(params))
    , options_(options)
    , damping_(options.damping)
    , direction_(static_cast<std::size_t>(params_.count()))
    , tape_(params_.dtype()) {}

double HessianFree::loss_at(Network const& network, Numbers const& theta) {
    params_.assign_flat(theta);
    tape_.rewind();
    Pause const pause(tape_);
    Run const run = network(tape_);
    return mse(run.predicted, run.wanted).item();
}

// Back along the iterates as long as that helps, then less far.
HessianFree::Tried HessianFree::descend(Network const& network, Numbers const& theta, ConjugateGradients const& found,
                                        double before) {
    Tried out{};
    auto const loss_after = [&](double length, Numbers const& d) {
        ++out.losses;
        return loss_at(network, along(theta, length, d));
    };
    std::size_t k = found.directions.size() - 1;
    out.loss      = loss_after(1, found.directions[k]);
    out.ratio     = (out.loss - before) / found.models.back();
    for (double now; k > 0 && (now = loss_after(1, found.directions[k - 1])) < out.loss; --k) out.loss = now;
    double length = 1;
    while (!(out.loss < before) && length > 1e-3) length *= 0.7, out.loss = loss_after(length, found.directions[k]);
    if (!(out.loss < before)) length = 0, out.loss = before;
    params_.assign_flat(along(theta, length, found.directions[k]));
    return out;
}

Progress HessianFree::step(Network const& network) {
    tape_.rewind();
    auto const [seen, loss] = damped(network(tape_), damping_ * options_.structural);
    double const before     = loss.item();
    Numbers const g         = backward(loss).flatten(params_);
    Tape::Mark const here   = tape_.mark();
    auto const curvature    = [&, seen = seen, loss = loss](Numbers const& v) {
        Numbers const Gv = from(gauss_newton(loss, seen, params_, onto(tape_, params_, v)), params_);
        tape_.rewind(here);
        return along(Gv, damping_, v);
    };
    auto const found =
        conjugate_gradients(g, curvature, along(Numbers(g.size()), options_.decay, direction_), options_.products);
    Tried const tried = descend(network, params_.flatten(), found, before);
    Progress const out{before, tried.loss, damping_, found.products, tried.losses};
    if (!(tried.ratio > 0.25)) damping_ *= 1.5;
    else if (tried.ratio > 0.75) damping_ /= 1.5;
    direction_ = found.last();
    return out;
}

}  // namespace hessian_free
