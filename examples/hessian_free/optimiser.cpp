#include "optimiser.hpp"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace hessian_free {

namespace {

using Numbers = std::vector<double>;

double dot(Numbers const& a, Numbers const& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
/// a + s b
Numbers along(Numbers a, double s, Numbers const& b) {
    for (std::size_t k = 0; k < a.size(); ++k) a[k] += s * b[k];
    return a;
}

/// As one list, and as arrays of the parameters' shapes.
Numbers flat(std::vector<Var> const& xs) {
    Numbers out;
    for (Var const& x : xs)
        core::dispatch(x.dtype(), [&](auto t) {
            auto const values = x.value<decltype(t)>();
            out.insert(out.end(), values.begin(), values.end());
        });
    return out;
}
std::vector<Var> shaped(Tape& tape, Params const& params, Numbers const& numbers) {
    std::vector<Var> out;
    auto from = numbers.begin();
    for (Param const* p : params.all()) {
        auto const n = static_cast<std::ptrdiff_t>(p->count());
        out.push_back(reshape(tape.constant(Numbers(from, from + n)), p->shape()));
        from += n;
    }
    return out;
}

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

/// Ends where the last tenth of the iterations gained next to nothing: Martens (2010), section 4.4.
bool stalls(std::vector<double> const& models) {
    std::size_t const i = models.size() - 1, k = std::max<std::size_t>(10, i / 10);
    return i > k && models[i] < 0 && models[i] - models[i - k] > 5e-4 * static_cast<double>(k) * models[i];
}

}  // namespace

HessianFree::HessianFree(Params params, Options options)
    : params_(std::move(params))
    , options_(options)
    , damping_(options.damping)
    , direction_(static_cast<std::size_t>(params_.count()))
    , tape_(params_.dtype()) {}

// Conjugate gradients for A d = −g, from a part of the last direction; the model is φ(d) = g·d + d·A d / 2.
HessianFree::Found HessianFree::search(Numbers const& g,
                                       std::function<Numbers(Numbers const&)> const& curvature) const {
    Numbers d = along(Numbers(g.size()), options_.decay, direction_), r = along(curvature(d), 1, g), p = r;
    for (double& x : p) x = -x;
    Found out{{}, {(dot(r, d) + dot(g, d)) / 2}, 1};
    double rr = dot(r, r), next_kept = 1;
    while (out.products < options_.products && rr > 1e-20 && !stalls(out.models)) {
        Numbers const Ap   = curvature(p);
        double const alpha = rr / dot(p, Ap);
        d = along(std::move(d), alpha, p), r = along(std::move(r), alpha, Ap);
        double const next = dot(r, r);
        Numbers turned    = along(Numbers(g.size()), next / rr, p);
        p = along(std::move(turned), -1, r), rr = next;
        out.models.push_back((dot(r, d) + dot(g, d)) / 2);
        if (static_cast<double>(++out.products) > next_kept)
            out.directions.push_back(d), next_kept = std::ceil(next_kept * 1.3);
    }
    out.directions.push_back(std::move(d));
    return out;
}

double HessianFree::loss_at(Network const& network, Numbers const& theta) {
    params_.assign_flat(theta);
    tape_.rewind();
    Pause const pause(tape_);
    Run const run = network(tape_);
    return mse(run.predicted, run.wanted).item();
}

// Back along the iterates as long as that helps, then less far.
HessianFree::Tried HessianFree::descend(Network const& network, Numbers const& theta, Found const& found,
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
        Numbers const Gv = flat(gauss_newton(loss, seen, params_, shaped(tape_, params_, v)));
        tape_.rewind(here);
        return along(Gv, damping_, v);
    };
    Found found       = search(g, curvature);
    Tried const tried = descend(network, params_.flatten(), found, before);
    Progress const out{before, tried.loss, damping_, found.products, tried.losses};
    if (!(tried.ratio > 0.25)) damping_ *= 1.5;
    else if (tried.ratio > 0.75) damping_ /= 1.5;
    direction_ = std::move(found.directions.back());
    return out;
}

}  // namespace hessian_free
