// One operation of a formula at one place, in double: what a gradient check looks at where the formula hides it.
#pragma once
#include <array>
#include <unspool/autograd/statement/kernel.hpp>

namespace unspool::core {

/// Of up to three numbers.
struct Single {
    double (*value)(double const* x);
    void (*adjoints)(double* dx, double g, double y, double const* x);
};

template <class Op, std::size_t... K> constexpr Single single_of(std::index_sequence<K...>) {
    using V = xsimd::batch<double>;
    return {[](double const* x) { return Op::f(V(x[K])...).get(0); },
            [](double* dx, double g, double y, double const* x) {
                auto const d = adjoints_of<Op>(V(g), V(y), false, V(x[K])...);
                ((dx[K] = d[K].get(0)), ...);
            }};
}
template <class Op, std::size_t arity>
inline constexpr Single single = single_of<Op>(std::make_index_sequence<arity>{});

/// Of each token of a formula's type; null for leaves and numbers.
template <class E> struct Singles { static constexpr std::array<Single const*, 1> list{nullptr}; };
template <class Op, class... A> struct Singles<Apply<Op, A...>> {
    static constexpr auto list = joined(&single<Op, sizeof...(A)>, Singles<A>::list...);
};

}  // namespace unspool::core
