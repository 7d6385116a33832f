// Adam, AMSGrad and AdamW.
#include <cmath>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/adam.hpp>

namespace unspool::core {

namespace {

AdamOptions checked(std::string_view name, AdamOptions const& o, Where where) {
    require_number(o.beta1 >= 0 && o.beta1 < 1, name, "beta1", o.beta1, "in [0, 1)", where);
    require_number(o.beta2 >= 0 && o.beta2 < 1, name, "beta2", o.beta2, "in [0, 1)", where);
    require_not_negative(name, "eps", o.eps, where);
    require_not_negative(name, "weight_decay", o.weight_decay, where);
    require_not_negative(name, "decoupled_weight_decay", o.decoupled_weight_decay, where);
    return o;
}

// One parameter: its elements, its gradient's, and what is remembered.
template <Real T> struct AdamArrays {
    T* __restrict p;
    T const* __restrict g;
    T* __restrict m;
    T* __restrict v;
    T* __restrict most;  // v; null but for AMSGrad
};

template <bool amsgrad, Real T> void update(AdamOptions const& o, Index t, AdamArrays<T> a, Index n) {
    T const beta1 = static_cast<T>(o.beta1), gain1 = static_cast<T>(1 - o.beta1);
    T const beta2 = static_cast<T>(o.beta2), gain2 = static_cast<T>(1 - o.beta2);
    T const decay = static_cast<T>(o.weight_decay), keep = static_cast<T>(1 - o.rate * o.decoupled_weight_decay),
            eps        = static_cast<T>(o.eps);
    double const steps = static_cast<double>(t);
    T const rate       = static_cast<T>(o.rate / (1 - std::pow(o.beta1, steps)));
    T const scale      = static_cast<T>(std::sqrt(1 - std::pow(o.beta2, steps)));
    for (Index i = 0; i < n; ++i) {
        T const d = a.g[i] + decay * a.p[i];
        T const m = a.m[i] = beta1 * a.m[i] + gain1 * d;
        T v = a.v[i] = beta2 * a.v[i] + gain2 * d * d;
        if constexpr (amsgrad) v = a.most[i] = v <= a.most[i] ? a.most[i] : v;  // NaN gets through
        a.p[i] = keep * a.p[i] - rate * m / (std::sqrt(v) / scale + eps);
    }
}

AdamOptions as_adam(AdamWOptions const& o) {
    return {.rate                   = o.rate,
            .beta1                  = o.beta1,
            .beta2                  = o.beta2,
            .eps                    = o.eps,
            .decoupled_weight_decay = o.weight_decay,
            .amsgrad                = o.amsgrad};
}

}  // namespace

Adam::Adam(std::string_view name, ParamSet params, AdamOptions const& o, Where where)
    : FirstOrder(name, std::move(params), o.rate, o.amsgrad ? MomentNames{"m", "v", "most_v"} : MomentNames{"m", "v"},
                 where)
    , options_(checked(name, o, where)) {}

AdamW::AdamW(ParamSet params, AdamWOptions o, Where where) : Adam("AdamW", std::move(params), as_adam(o), where) {}

void Adam::step(Gradients const& gradients, Where where) {
    each(gradients, where, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        AdamOptions o = of(s, options_);
        o.decoupled_weight_decay *= s.factors.decay;
        if (o.amsgrad)
            update<true, T>(o, s.steps, {p, g, s.array<T>(0), s.array<T>(1), s.array<T>(2)}, s.param->count());
        else update<false, T>(o, s.steps, {p, g, s.array<T>(0), s.array<T>(1), nullptr}, s.param->count());
    });
}

}  // namespace unspool::core
