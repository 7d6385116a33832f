// Brings matrices into a form that the product libraries take, and keeps that of parameters.
#include <algorithm>
#include <cstring>
#include <optional>
#include <unspool/autograd/cpu/backend.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <vector>

namespace unspool::core {

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
template <class T> void copy_panel(T* to, Array<T const> const& from, Index first, Index n) {
    constexpr Index block = 16, width = backend::panel_width<T>;
    T const* const data = from.data + first * from.strides[1];
    if (from.strides[1] == 1) {
        for (Index i = 0; i < from.shape[0]; ++i) std::copy_n(data + i * from.strides[0], n, to + i * width);
        return;
    }
    for (Index i = 0; i < from.shape[0]; i += block)
        for (Index j = 0; j < n; j += block)
            for (Index q = j; q < std::min(n, j + block); ++q)
                for (Index p = i; p < std::min(from.shape[0], i + block); ++p)
                    to[p * width + q] = data[p * from.strides[0] + q * from.strides[1]];
}

template <class T> Index size_in_panels(Array<T const> const& b) {
    constexpr Index width = backend::panel_width<T>;
    return (b.shape[1] + width - 1) / width * width * b.shape[0];
}

template <class T> backend::Panels<T> copy_to_panels(T* to, Array<T const> const& b) {
    constexpr Index width = backend::panel_width<T>;
    backend::Panels<T> const out{to, width, b.shape[0] * width};
    for (Index j = 0; j < b.shape[1]; j += width, to += out.next) copy_panel(to, b, j, std::min(width, b.shape[1] - j));
    return out;
}

/// Is a whole parameter read as it is?  By its strides, since one row, read as it is, looks like one column, read transposed.
template <class T> bool is_matrix(Array<T> const& a) { return a.strides == row_major(a.shape); }

/// The right-hand side in panels: of a parameter, those that were made before, if that is worth it.
template <class T> std::optional<backend::Panels<T>> in_panels(Array<T const> const& b, Index m) {
    if (!backend::prefers_panels()) return {};
    bool const rows = stored(b, false);
    if (!b.reusable) {
        if (rows || m < Packed::worth) return {};
        thread_local std::vector<T> memory;
        memory.resize(static_cast<std::size_t>(size_in_panels(b)));
        return copy_to_panels(memory.data(), b);
    }
    if (!is_matrix(b) && !is_matrix(transposed(b))) return {};
    Packed& packed = is_matrix(b) ? b.reusable->as_stored : b.reusable->transposed;
    if (packed.panels)
        return backend::Panels<T>{static_cast<T*>(packed.panels), backend::panel_width<T>,
                                  b.shape[0] * backend::panel_width<T>};
    if (packed.rows + m >= Packed::worth)
        packed.panels = b.reusable->memory->array(static_cast<std::size_t>(size_in_panels(b)) * sizeof(T));
    packed.rows += m;
    if (!packed.panels) return {};
    return copy_to_panels(static_cast<T*>(packed.panels), b);
}

template <class T> void gemm(Array<T> const& c, Array<T const> const& a, Array<T const> const& b, WriteMode fill) {
    bool const a_t = !stored(a, false), b_t = !stored(b, false);
    Index const m = a.shape[0], n = b.shape[1], k = a.shape[1], ldc = layout(c, false).ld;
    T const beta = fill == WriteMode::add ? T(1) : T(0);
    if (auto const panels = in_panels(b, m)) backend::gemm(m, n, k, a.data, layout(a, a_t), *panels, beta, c.data, ldc);
    else backend::gemm(m, n, k, a.data, layout(a, a_t), b.data, layout(b, b_t), beta, c.data, ldc);
}

}  // namespace

template <Real T> void multiply(Array<T> c, Product<T> const& p, WriteMode fill) {
    if (count(c.shape) == 0 || fill == WriteMode::none) return;
    if (p.a.shape[1] == 0) return fill == WriteMode::assign ? copy<T>(c, {&zero<T>, c.shape, {0, 0}}) : void();
    thread_local std::vector<T> a_memory, b_memory, c_memory;
    auto usable            = [](auto const& x) { return stored(x, false) || stored(x, true); };
    Array<T const> const a = usable(p.a) ? p.a : tidied(p.a, a_memory), b = usable(p.b) ? p.b : tidied(p.b, b_memory);
    if (stored(c, false)) return gemm(c, a, b, fill);
    if (stored(c, true)) return gemm(transposed(c), transposed(b), transposed(a), fill);
    c_memory.resize(static_cast<std::size_t>(count(c.shape)));
    Array<T> const tidy{c_memory.data(), c.shape, row_major(c.shape)};
    gemm(tidy, a, b, WriteMode::assign);
    copy<T>(c, tidy, fill);
}

// Of panels, products of 32 rows are as fast as larger ones, and from 16 on a larger one costs more, in memory that is read from afar,
// than it saves in calls.  OpenBLAS brings the right-hand side into a form of its own for each product.
Index products_at_once(Index rows) {
    bool const panels = backend::prefers_panels();
    Index const most = panels ? 32 : 256, enough = panels ? 16 : most;
    return rows >= enough ? 1 : (most + rows - 1) / std::max(Index{1}, rows);
}

template void multiply(Array<float>, Product<float> const&, WriteMode);
template void multiply(Array<double>, Product<double> const&, WriteMode);

}  // namespace unspool::core
