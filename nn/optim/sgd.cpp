// Stochastic gradient descent.
#include <cmath>
#include <unspool/autograd/error.hpp>
#include <unspool/nn/optim/sgd.hpp>
#include <unspool/nn/require.hpp>

namespace unspool {

namespace {

SgdOptions checked(SgdOptions const& o, Where where) {
    require_not_negative("Sgd", "rate", o.rate, where);
    require_not_negative("Sgd", "momentum", o.momentum, where);
    require_not_negative("Sgd", "weight_decay", o.weight_decay, where);
    require_number(std::isfinite(o.dampening), "Sgd", "dampening", o.dampening, "finite", where);
    if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
        throw ValueError(text(where) + ": Sgd: nesterov needs a momentum, and no dampening");
    return o;
}

template <Real T> void plain(SgdOptions const& o, T* p, T const* g, Index n) {
    T const rate = static_cast<T>(o.rate), decay = static_cast<T>(o.weight_decay);
    for (Index i = 0; i < n; ++i) p[i] -= rate * (g[i] + decay * p[i]);
}

template <Real T> void with_momentum(SgdOptions const& o, T* p, T const* g, T* b, Index n, bool first) {
    T const rate = static_cast<T>(o.rate), decay = static_cast<T>(o.weight_decay), keep = static_cast<T>(first ? 0 : o.momentum);
    T const take  = static_cast<T>(first ? 1 : 1 - o.dampening);
    T const ahead = static_cast<T>(o.nesterov ? o.momentum : 1), now = static_cast<T>(o.nesterov ? 1 : 0);
    for (Index i = 0; i < n; ++i) {
        T const d = g[i] + decay * p[i];
        b[i]      = keep * b[i] + take * d;
        p[i] -= rate * (now * d + ahead * b[i]);
    }
}

}  // namespace

Sgd::Sgd(Params const& params, SgdOptions options, Where where)
    : options_(checked(options, where)), moments_(params, options.momentum == 0 ? 0 : 1) {}

void Sgd::rate(double r, Where where) {
    require_not_negative("Sgd", "rate", r, where);
    options_.rate = r;
}

void Sgd::step(Gradients const& gradients) {
    moments_.each("Sgd", gradients, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        if (options_.momentum == 0) plain(options_, p, g, s.param->count());
        else with_momentum(options_, p, g, s.first<T>(), s.param->count(), s.steps == 1);
    });
}

}  // namespace unspool
