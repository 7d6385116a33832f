// One operation over blocks of registers, forward and back: what an interpreter of formulas calls.
#pragma once
#include <array>
#include <unspool/autograd/statement/joined.hpp>
#include <unspool/autograd/statement/loops.hpp>
#include <utility>

namespace unspool::core {

/// Where an increment to an operand's adjoint goes.
template <Real T> struct Sink {
    T* to;
    WriteMode fill;
};

/// Blocks are contiguous, and a whole number of registers long.
template <Real T> struct Kernel {
    void (*compute)(T* y, T const* const* x, Index n);
    void (*pull)(Sink<T> const* dx, T const* g, T const* y, T const* const* x, bool guarded, Index n);
};

struct Kernels {
    bool selects;  // below it, an adjoint of zero stays zero
    Kernel<float> in_float;
    Kernel<double> in_double;

    template <Real T> Kernel<T> const& of() const {
        if constexpr (std::same_as<T, float>) return in_float;
        else return in_double;
    }
};

// ---- those of an operation ------------------------------------------------------------------------------------------

template <class V> std::array<V, 1> each_of(V const& d) { return {d}; }
template <class V> std::array<V, 2> each_of(Pair<V> const& d) { return {d.da, d.db}; }
template <class V> std::array<V, 3> each_of(Triple<V> const& d) { return {d.da, d.db, d.dc}; }

/// The adjoints of the operands, as Frame::pull computes them.
template <class Op, class V, class... X> auto adjoints_of(V const& g, V const& y, bool guarded, X const&... x) {
    if constexpr (requires { Op::pull(g, x..., y); }) return each_of(pulled<Op>(g, x..., y));
    else {
        auto out = each_of(derivative<Op>(x..., y));
        for (V& d : out) d = guarded ? select(g == V(0), g, g * d) : g * d;
        return out;
    }
}

template <class Op, Real T, std::size_t... K>
void compute_block(T* y, T const* const* x, Index n, std::index_sequence<K...>) {
    using V             = xsimd::batch<T>;
    T const* const in[] = {x[K]...};
    for (Index i = 0; i < n; i += simd_width<T>) Op::f(V::load_unaligned(in[K] + i)...).store_unaligned(y + i);
}

template <class Op, Real T, std::size_t... K> void pull_block(Sink<T> const* dx, T const* g, T const* y,
                                                              T const* const* x, bool guarded, Index n,
                                                              std::index_sequence<K...>) {
    using V               = xsimd::batch<T>;
    T const* const in[]   = {x[K]...};
    Sink<T> const sinks[] = {dx[K]...};
    for (Index i = 0; i < n; i += simd_width<T>) {
        auto const d = adjoints_of<Op>(V::load_unaligned(g + i), V::load_unaligned(y + i), guarded,
                                       V::load_unaligned(in[K] + i)...);
        auto put     = [i](Sink<T> const& s, V v) {
            if (s.fill == WriteMode::add) v += V::load_unaligned(s.to + i);
            if (s.fill != WriteMode::none) v.store_unaligned(s.to + i);
        };
        (put(sinks[K], d[K]), ...);
    }
}

template <class Op, Real T, std::size_t arity> constexpr Kernel<T> kernel_of() {
    using All = std::make_index_sequence<arity>;
    return {[](T* y, T const* const* x, Index n) { compute_block<Op, T>(y, x, n, All{}); },
            [](Sink<T> const* dx, T const* g, T const* y, T const* const* x, bool guarded, Index n) {
                pull_block<Op, T>(dx, g, y, x, guarded, n, All{});
            }};
}

template <class Op, std::size_t... K> constexpr bool selects(std::index_sequence<K...>) {
    return requires(xsimd::batch<float> v) { Op::pull(v, (static_cast<void>(K), v)..., v); };
}
template <class Op, std::size_t arity> inline constexpr Kernels kernels_of{
    selects<Op>(std::make_index_sequence<arity>{}), kernel_of<Op, float, arity>(), kernel_of<Op, double, arity>()};

/// Of each token of a formula's type; null for leaves and numbers.
template <class E> struct KernelList { static constexpr std::array<Kernels const*, 1> list{nullptr}; };
template <class Op, class... A> struct KernelList<Apply<Op, A...>> {
    static constexpr auto list = joined(&kernels_of<Op, sizeof...(A)>, KernelList<A>::list...);
};

}  // namespace unspool::core
