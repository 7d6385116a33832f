// Adam and AdamW.
#include <cmath>
#include <unspool/nn/optim/adam.hpp>
#include <unspool/nn/require.hpp>

namespace unspool {

namespace {

void require_beta(char const* name, double x, Where where) { require_number(x >= 0 && x < 1, "Adam", name, x, "in [0, 1)", where); }

AdamOptions checked(AdamOptions const& o, Where where) {
    require_not_negative("Adam", "rate", o.rate, where);
    require_beta("beta1", o.beta1, where);
    require_beta("beta2", o.beta2, where);
    require_not_negative("Adam", "eps", o.eps, where);
    require_not_negative("Adam", "weight_decay", o.weight_decay, where);
    require_not_negative("Adam", "decoupled_weight_decay", o.decoupled_weight_decay, where);
    return o;
}

template <Real T> void update(AdamOptions const& o, Index t, T* p, T const* g, T* m, T* v, Index n) {
    T const beta1 = static_cast<T>(o.beta1), gain1 = static_cast<T>(1 - o.beta1);
    T const beta2 = static_cast<T>(o.beta2), gain2 = static_cast<T>(1 - o.beta2);
    T const decay = static_cast<T>(o.weight_decay), keep = static_cast<T>(1 - o.rate * o.decoupled_weight_decay),
            eps   = static_cast<T>(o.eps);
    T const rate  = static_cast<T>(o.rate / (1 - std::pow(o.beta1, t)));
    T const scale = static_cast<T>(std::sqrt(1 - std::pow(o.beta2, t)));
    for (Index i = 0; i < n; ++i) {
        T const d = g[i] + decay * p[i];
        m[i]      = beta1 * m[i] + gain1 * d;
        v[i]      = beta2 * v[i] + gain2 * d * d;
        p[i]      = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) / scale + eps);
    }
}

}  // namespace

Adam::Adam(Params const& params, AdamOptions options, Where where) : options_(checked(options, where)), moments_(params, 2) {}

void Adam::rate(double r, Where where) {
    require_not_negative("Adam", "rate", r, where);
    options_.rate = r;
}

void Adam::step(Gradients const& gradients) {
    moments_.each("Adam", gradients, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        update(options_, s.steps, p, g, s.first<T>(), s.second<T>(), s.param->count());
    });
}

}  // namespace unspool
