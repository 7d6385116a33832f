// Adagrad.
#include <cmath>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/adagrad.hpp>

namespace unspool::core {

namespace {

AdagradOptions checked(AdagradOptions const& o, Where where) {
    require_not_negative("Adagrad", "rate_decay", o.rate_decay, where);
    require_not_negative("Adagrad", "weight_decay", o.weight_decay, where);
    require_not_negative("Adagrad", "initial_sum", o.initial_sum, where);
    require_not_negative("Adagrad", "eps", o.eps, where);
    return o;
}

template <Real T>
void update(AdagradOptions const& o, Index t, T* __restrict p, T const* __restrict g, T* __restrict sum, Index n) {
    T const decay = static_cast<T>(o.weight_decay), eps = static_cast<T>(o.eps);
    T const rate = static_cast<T>(o.rate / (1 + static_cast<double>(t - 1) * o.rate_decay));
    for (Index i = 0; i < n; ++i) {
        T const d = g[i] + decay * p[i];
        sum[i] += d * d;
        p[i] -= rate * d / (std::sqrt(sum[i]) + eps);
    }
}

}  // namespace

Adagrad::Adagrad(ParamSet params, AdagradOptions o, Where where)
    : FirstOrder("Adagrad", std::move(params), o.rate, {"sum"}, where, o.initial_sum), options_(checked(o, where)) {}

void Adagrad::step(Gradients const& gradients, Where where) {
    each(gradients, where, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        update(of(s, options_), s.steps, p, g, s.array<T>(0), s.param->count());
    });
}

}  // namespace unspool::core
