// Stochastic gradient descent.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/sgd.hpp>

namespace unspool::core {

namespace {

SgdOptions checked(SgdOptions const& o, Where where) {
    require_not_negative("Sgd", "momentum", o.momentum, where);
    require_not_negative("Sgd", "weight_decay", o.weight_decay, where);
    require_number(std::isfinite(o.dampening), "Sgd", "dampening", o.dampening, "finite", where);
    if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
        throw ValueError(fmt::format("{}: Sgd: nesterov needs a momentum, and no dampening", text(where)));
    return o;
}

template <Real T> void plain(SgdOptions const& o, T* __restrict p, T const* __restrict g, Index n) {
    T const rate = static_cast<T>(o.rate), decay = static_cast<T>(o.weight_decay);
    for (Index i = 0; i < n; ++i) p[i] -= rate * (g[i] + decay * p[i]);
}

template <Real T>
void with_momentum(SgdOptions const& o, T* __restrict p, T const* __restrict g, T* __restrict b, Index n, bool first) {
    T const rate = static_cast<T>(o.rate), decay = static_cast<T>(o.weight_decay),
            keep  = static_cast<T>(first ? 0 : o.momentum);
    T const take  = static_cast<T>(first ? 1 : 1 - o.dampening);
    T const ahead = static_cast<T>(o.nesterov ? o.momentum : 1), now = static_cast<T>(o.nesterov ? 1 : 0);
    for (Index i = 0; i < n; ++i) {
        T const d = g[i] + decay * p[i];
        b[i]      = keep * b[i] + take * d;
        p[i] -= rate * (now * d + ahead * b[i]);
    }
}

}  // namespace

Sgd::Sgd(ParamSet params, SgdOptions o, Where where)
    : FirstOrder("Sgd", std::move(params), o.rate, o.momentum == 0 ? MomentNames{} : MomentNames{"momentum"}, where)
    , options_(checked(o, where)) {}

void Sgd::step(Gradients const& gradients, Where where) {
    each(gradients, where, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        SgdOptions const o = of(s, options_);
        if (o.momentum == 0) plain(o, p, g, s.param->count());
        else with_momentum(o, p, g, s.array<T>(0), s.param->count(), s.steps == 1);
    });
}

}  // namespace unspool::core
