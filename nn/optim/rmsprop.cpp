// RMSprop.
#include <cmath>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/rmsprop.hpp>

namespace unspool::core {

namespace {

RmsPropOptions checked(RmsPropOptions const& o, Where where) {
    require_number(o.alpha >= 0 && o.alpha < 1, "RmsProp", "alpha", o.alpha, "in [0, 1)", where);
    require_not_negative("RmsProp", "eps", o.eps, where);
    require_not_negative("RmsProp", "weight_decay", o.weight_decay, where);
    require_not_negative("RmsProp", "momentum", o.momentum, where);
    return o;
}

MomentNames names(RmsPropOptions const& o) {
    MomentNames out{"v"};
    if (o.momentum != 0) out.push_back("momentum");
    if (o.centred) out.push_back("mean");
    return out;
}

// One parameter: its elements, its gradient's, and what is remembered.
template <Real T> struct RmsPropArrays {
    T* __restrict p;
    T const* __restrict g;
    T* __restrict v;
    T* __restrict b;  // null without momentum
    T* __restrict a;  // null if not centred
};

template <bool momentum, bool centred, Real T> void update(RmsPropOptions const& o, RmsPropArrays<T> x, Index n) {
    T const alpha = static_cast<T>(o.alpha), gain = static_cast<T>(1 - o.alpha), mu = static_cast<T>(o.momentum);
    T const rate = static_cast<T>(o.rate), decay = static_cast<T>(o.weight_decay), eps = static_cast<T>(o.eps);
    for (Index i = 0; i < n; ++i) {
        T const d = x.g[i] + decay * x.p[i];
        T v = x.v[i] = alpha * x.v[i] + gain * d * d;
        if constexpr (centred) {
            T const a = x.a[i] = alpha * x.a[i] + gain * d;
            v -= a * a;
            v = v < 0 ? 0 : v;
        }
        T ratio = d / (std::sqrt(v) + eps);
        if constexpr (momentum) ratio = x.b[i] = mu * x.b[i] + ratio;
        x.p[i] -= rate * ratio;
    }
}

template <Real T> auto* variant(RmsPropOptions const& o) {
    if (o.momentum != 0) return o.centred ? &update<true, true, T> : &update<true, false, T>;
    return o.centred ? &update<false, true, T> : &update<false, false, T>;
}

}  // namespace

RmsProp::RmsProp(ParamSet params, RmsPropOptions o, Where where)
    : FirstOrder("RmsProp", std::move(params), o.rate, names(o), where), options_(checked(o, where)) {}

void RmsProp::step(Gradients const& gradients, Where where) {
    bool const momentum    = options_.momentum != 0;
    std::size_t const mean = momentum ? 2 : 1;
    each(gradients, where, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
        RmsPropArrays<T> const arrays{p, g, s.array<T>(0), momentum ? s.array<T>(1) : nullptr,
                                      options_.centred ? s.array<T>(mean) : nullptr};
        variant<T>(options_)(of(s, options_), arrays, s.param->count());
    });
}

}  // namespace unspool::core
