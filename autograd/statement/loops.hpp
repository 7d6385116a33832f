// The two loops that the compiler writes for a formula: forward, and reverse.  They see streams of contiguous or
// repeated elements, a whole number of SIMD registers long; statement.cpp makes every array look like that.
#pragma once
#include <unspool/autograd/array/write_mode.hpp>
#include <unspool/autograd/cpu/simd.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/statement/term.hpp>

namespace unspool::core {

template <Real T> inline constexpr Index simd_width = static_cast<Index>(xsimd::batch<T>::size);

/// The arrays of a loop over rows.  A step is 1, or 0 for a stream that repeats its first register; a skip leads from the
/// end of a row to the beginning of the next.  The result's rows are contiguous.
template <Real T> struct Streams {
    T* y;                   // forward: written.  reverse: read
    T const* g;             // reverse: the adjoint of y
    T const* const* x;      // one a leaf
    T* const* dx;           // reverse: one a leaf
    Index const* step;      // one a leaf
    Index const* skip;      // one a leaf
    WriteMode const* fill;  // reverse: one a leaf
    double const* numbers;  // in the formula
};

template <Real T> using Loop = void (*)(Streams<T> const&, Index rows, Index n);

// How many leaves and numbers a formula has.
template <class E> struct Count { static constexpr int leaves = 1, numbers = 0; };
template <> struct Count<Number> { static constexpr int leaves = 0, numbers = 1; };
template <class Op, class... A> struct Count<Apply<Op, A...>> {
    static constexpr int leaves = (Count<A>::leaves + ...), numbers = (Count<A>::numbers + ...);
};

// The streams as local variables, so that they stay in registers.
template <class E, Real T> struct Leaves {
    static constexpr int n = Count<E>::leaves, m = Count<E>::numbers;
    T const* x[n];
    Index step[n], skip[n];
    xsimd::batch<T> number[m + 1];
    explicit Leaves(Streams<T> const& s) {
        for (int k = 0; k < n; ++k) x[k] = s.x[k], step[k] = s.step[k] * simd_width<T>, skip[k] = s.skip[k];
        for (int k = 0; k < m; ++k) number[k] = xsimd::batch<T>(static_cast<T>(s.numbers[k]));
    }
    void advance() {
        for (int k = 0; k < n; ++k) x[k] += step[k];
    }
    void next_row() {
        for (int k = 0; k < n; ++k) x[k] += skip[k];
    }
};
template <class E, Real T> struct LeafAdjoints {
    using V                = xsimd::batch<T>;
    static constexpr int n = Count<E>::leaves;
    T* dx[n];
    WriteMode fill[n];
    explicit LeafAdjoints(Streams<T> const& s) {
        for (int k = 0; k < n; ++k) dx[k] = s.dx[k], fill[k] = s.fill[k];
    }
    void advance(Leaves<E, T> const& l) {
        for (int k = 0; k < n; ++k) dx[k] += fill[k] == WriteMode::none ? 0 : l.step[k];
    }
    void next_row(Leaves<E, T> const& l) {
        for (int k = 0; k < n; ++k) dx[k] += fill[k] == WriteMode::none ? 0 : l.skip[k];
    }
    template <int K> void take(V g) const {
        if (fill[K] == WriteMode::add) g += V::load_unaligned(dx[K]);
        if (fill[K] != WriteMode::none) g.store_unaligned(dx[K]);
    }
    static V product(V g, V df) { return g * df; }
};

// The same below an operation that selects: what it has not selected has an adjoint of zero, and that stays zero even where
// a derivative is infinite.
template <class E, Real T> struct Guarded {
    using V = xsimd::batch<T>;
    LeafAdjoints<E, T> const& leaves;
    template <int K> void take(V g) const { leaves.template take<K>(g); }
    static V product(V g, V df) { return select(g == V(0), g, g * df); }
};
template <class E, Real T> Guarded<E, T> guarded(LeafAdjoints<E, T> const& out) { return {out}; }
template <class E, Real T> Guarded<E, T> const& guarded(Guarded<E, T> const& out) { return out; }

// The value of every sub-term in registers, and the chain rule down the same tree.  L and N count the leaves and the
// numbers to the left.
template <class E, int L, int N, Real T> struct Frame {  // a leaf
    using V = xsimd::batch<T>;
    V y;
    template <class In> explicit Frame(In const& in) : y(V::load_unaligned(in.x[L])) {}
    template <class In> Frame(In const&, V known) : y(known) {}
    template <class Out> void pull(V g, Out const& out) const { out.template take<L>(g); }
};
template <int L, int N, Real T> struct Frame<Number, L, N, T> {
    using V = xsimd::batch<T>;
    V y;
    template <class In> explicit Frame(In const& in) : y(in.number[N]) {}
    template <class Out> void pull(V, Out const&) const {}
};
template <class Op, class A, int L, int N, Real T> struct Frame<Apply<Op, A>, L, N, T> {
    using V = xsimd::batch<T>;
    Frame<A, L, N, T> a;
    V y;
    template <class In> explicit Frame(In const& in) : a(in), y(Op::f(a.y)) {}
    template <class In> Frame(In const& in, V known) : a(in), y(known) {}
    template <class Out> void pull(V g, Out const& out) const {
        if constexpr (requires { Op::pull(g, g, g); }) a.pull(pulled<Op>(g, a.y, y), guarded(out));
        else a.pull(out.product(g, derivative<Op>(a.y, y)), out);
    }
};
template <class Op, class A, class B, int L, int N, Real T> struct Frame<Apply<Op, A, B>, L, N, T> {
    using V = xsimd::batch<T>;
    Frame<A, L, N, T> a;
    Frame<B, L + Count<A>::leaves, N + Count<A>::numbers, T> b;
    V y;
    template <class In> explicit Frame(In const& in) : a(in), b(in), y(Op::f(a.y, b.y)) {}
    template <class In> Frame(In const& in, V known) : a(in), b(in), y(known) {}
    template <class Out> void pull(V g, Out const& out) const {
        if constexpr (requires { Op::pull(g, g, g, g); }) {
            Pair<V> const d = pulled<Op>(g, a.y, b.y, y);
            a.pull(d.da, guarded(out));
            b.pull(d.db, guarded(out));
        } else {
            Pair<V> const d = derivative<Op>(a.y, b.y, y);
            a.pull(out.product(g, d.da), out);
            b.pull(out.product(g, d.db), out);
        }
    }
};
template <class Op, class A, class B, class C, int L, int N, Real T> struct Frame<Apply<Op, A, B, C>, L, N, T> {
    using V                 = xsimd::batch<T>;
    static constexpr int LB = L + Count<A>::leaves, LC = LB + Count<B>::leaves;
    static constexpr int NB = N + Count<A>::numbers, NC = NB + Count<B>::numbers;
    Frame<A, L, N, T> a;
    Frame<B, LB, NB, T> b;
    Frame<C, LC, NC, T> c;
    V y;
    template <class In> explicit Frame(In const& in) : a(in), b(in), c(in), y(Op::f(a.y, b.y, c.y)) {}
    template <class In> Frame(In const& in, V known) : a(in), b(in), c(in), y(known) {}
    template <class Out> void pull(V g, Out const& out) const {
        if constexpr (requires { Op::pull(g, g, g, g, g); }) {
            Triple<V> const d = pulled<Op>(g, a.y, b.y, c.y, y);
            a.pull(d.da, guarded(out));
            b.pull(d.db, guarded(out));
            c.pull(d.dc, guarded(out));
        } else {
            Triple<V> const d = derivative<Op>(a.y, b.y, c.y, y);
            a.pull(out.product(g, d.da), out);
            b.pull(out.product(g, d.db), out);
            c.pull(out.product(g, d.dc), out);
        }
    }
};

template <class E, Real T> void forward(Streams<T> const& s, Index rows, Index n) {
    Leaves<E, T> in(s);
    for (T* y = s.y; rows > 0; --rows, in.next_row())
        for (T* const end = y + n; y != end; y += simd_width<T>, in.advance())
            Frame<E, 0, 0, T>(in).y.store_unaligned(y);
}

template <class E, Real T> void reverse(Streams<T> const& s, Index rows, Index n) {
    using V = xsimd::batch<T>;
    Leaves<E, T> in(s);
    LeafAdjoints<E, T> out(s);
    T const* g = s.g;
    for (T const* y = s.y; rows > 0; --rows, out.next_row(in), in.next_row())
        for (T const* const end = y + n; y != end;
             y += simd_width<T>, g += simd_width<T>, out.advance(in), in.advance())
            Frame<E, 0, 0, T>(in, V::load_unaligned(y)).pull(V::load_unaligned(g), out);
}

}  // namespace unspool::core
