// Brings matrices into a form that the product libraries take, and reuses the transposes of parameters.
#include <algorithm>
#include <unspool/autograd/product.hpp>
#include <unspool/autograd/products/backend.hpp>
#include <vector>

namespace unspool {

namespace {

/// Are the elements of each row (or, transposed, of each column) next to each other, and the rows apart?
template <class T> bool stored(Array<T> const& a, bool transposed) {
    std::size_t const along = transposed ? 0 : 1, across = 1 - along;
    return (a.strides[along] == 1 || a.shape[along] == 1) &&
           (a.strides[across] >= std::max(Index{1}, a.shape[along]) || a.shape[across] == 1);
}
template <class T> backend::Layout layout(Array<T> const& a, bool transposed) {
    std::size_t const along = transposed ? 0 : 1, across = 1 - along;
    return {transposed, a.shape[across] == 1 ? std::max(Index{1}, a.shape[along]) : a.strides[across]};
}

template <class T> constexpr T zero = 0;

/// A copy with contiguous rows.
template <class T> Array<T const> tidied(Array<T const> const& a, std::vector<T>& memory) {
    memory.resize(static_cast<std::size_t>(count(a.shape)));
    Array<T> const to{memory.data(), a.shape, row_major(a.shape)};
    copy<T>(to, a);
    return to;
}

// In blocks, so that both sides stay in the cache.
template <class T> void transpose(T* to, Array<T const> const& a) {
    constexpr Index block = 16;
    Index const     m = a.shape[0], n = a.shape[1], row = a.strides[0], column = a.strides[1];
    for (Index i = 0; i < m; i += block)
        for (Index j = 0; j < n; j += block)
            for (Index p = i; p < std::min(m, i + block); ++p)
                for (Index q = j; q < std::min(n, j + block); ++q) to[p * n + q] = a.data[p * row + q * column];
}

/// The right-hand side by rows: from the second use on, a parameter's transpose.
template <class T> Array<T const> by_rows(Array<T const> const& b) {
    if (!b.reusable || !stored(b, true) || stored(b, false) || !backend::prefers_rows()) return b;
    Reusable& r = *b.reusable;
    if (!r.transposed && ++r.uses < 2) return b;
    if (!r.transposed) {
        r.transposed = r.memory->array(static_cast<std::size_t>(count(b.shape)) * sizeof(T));
        transpose(static_cast<T*>(r.transposed), b);
    }
    return {static_cast<T const*>(r.transposed), b.shape, row_major(b.shape)};
}

template <class T> void gemm(Array<T> const& c, Array<T const> const& a, Array<T const> const& b, Fill fill) {
    bool const a_t = !stored(a, false), b_t = !stored(b, false);
    backend::gemm(a.shape[0], b.shape[1], a.shape[1], a.data, layout(a, a_t), b.data, layout(b, b_t), fill == Fill::add ? T(1) : T(0),
                  c.data, layout(c, false).ld);
}

}  // namespace

template <Real T> void multiply(Array<T> c, Product<T> const& p, Fill fill) {
    if (count(c.shape) == 0 || fill == Fill::none) return;
    if (p.a.shape[1] == 0) return fill == Fill::assign ? copy<T>(c, {&zero<T>, c.shape, {0, 0}}) : void();
    thread_local std::vector<T> a_memory, b_memory, c_memory;
    auto                        usable = [](auto const& x) { return stored(x, false) || stored(x, true); };
    Array<T const> const        a = usable(p.a) ? p.a : tidied(p.a, a_memory), b = usable(p.b) ? by_rows(p.b) : tidied(p.b, b_memory);
    if (stored(c, false)) return gemm(c, a, b, fill);
    if (stored(c, true)) return gemm(transposed(c), transposed(b), transposed(a), fill);
    c_memory.resize(static_cast<std::size_t>(count(c.shape)));
    Array<T> const tidy{c_memory.data(), c.shape, row_major(c.shape)};
    gemm(tidy, a, b, Fill::assign);
    copy<T>(c, tidy, fill);
}

namespace {

// The contiguous case apart, so that the compiler vectorises it.
template <Real T> void copy_row(T* to, Index step, T const* from, Index from_step, Index n, Fill fill) {
    bool const contiguous = step == 1 && from_step == 1;
    if (contiguous && fill == Fill::assign) std::copy_n(from, n, to);
    else if (contiguous)
        for (Index i = 0; i < n; ++i) to[i] += from[i];
    else
        for (Index i = 0; i < n; ++i) to[i * step] = fill == Fill::add ? to[i * step] + from[i * from_step] : from[i * from_step];
}

}  // namespace

template <Real T> void copy(Array<T> to, Array<T const> from, Fill fill) {
    if (fill == Fill::none || count(to.shape) == 0) return;
    if (to.shape.empty()) {
        *to.data = fill == Fill::add ? *to.data + *from.data : *from.data;
        return;
    }
    if (to.rank() > 2) {
        for (Index i = 0; i < to.shape[0]; ++i) copy<T>(at(to, i), at(from, i), fill);
        return;
    }
    std::size_t const last = to.shape.size() - 1;
    Index const       rows = last == 0 ? 1 : to.shape[0], down = last == 0 ? 0 : to.strides[0], from_down = last == 0 ? 0 : from.strides[0];
    for (Index i = 0; i < rows; ++i)
        copy_row(to.data + i * down, to.strides[last], from.data + i * from_down, from.strides[last], to.shape[last], fill);
}

template void multiply(Array<float>, Product<float> const&, Fill);
template void multiply(Array<double>, Product<double> const&, Fill);
template void copy(Array<float>, Array<float const>, Fill);
template void copy(Array<double>, Array<double const>, Fill);

}  // namespace unspool
