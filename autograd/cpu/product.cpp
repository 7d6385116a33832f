// Brings matrices into a form that the product libraries take, and keeps that of parameters.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/cpu/permutations.hpp>
#include <unspool/autograd/cpu/ready_product.hpp>
#include <vector>

namespace unspool::core {

namespace {

/// Are the elements of each row next to each other, and the rows apart?
template <class T> bool stored(Matrix<T> const& a) {
    return (a.across == 1 || a.columns == 1) && (a.down >= std::max(Index{1}, a.columns) || a.rows == 1);
}
/// From each row to the next.
template <class T> Index distance(Matrix<T> const& a) { return a.rows == 1 ? std::max(Index{1}, a.columns) : a.down; }
template <class T> backend::Layout layout(Matrix<T> const& a) {
    bool const rows = stored(a);
    return {!rows, distance(rows ? a : a.transposed())};
}

template <class T> constexpr T zero = 0;

/// A copy with contiguous rows.
template <class T> Matrix<T const> tidied(Matrix<T const> const& a, std::vector<T>& memory) {
    memory.resize(static_cast<std::size_t>(a.rows * a.columns));
    copy<T>({memory.data(), {a.rows, a.columns}, {a.columns, 1}}, a.array());
    return {memory.data(), a.rows, a.columns, a.columns, 1};
}

/// As many rows and columns as a register has elements, transposed.
template <Real T> void copy_square(T* to, Index to_row, T const* from, Index from_row) {
    constexpr Index n = in_lanes_of<T>;
    Lane<T> r[n];
    for (Index i = 0; i < n; ++i) r[i] = Lane<T>::load_unaligned(from + i * from_row);
    transpose_registers<T>(r);
    for (Index i = 0; i < n; ++i) r[i].store_unaligned(to + i * to_row);
}

// In blocks, so that both sides stay in the cache.
template <Real T> void copy_panel(T* to, Matrix<T const> const& from, Index first, Index n) {
    constexpr Index block = in_lanes_of<T>, width = backend::panel_width<T>;
    T const* const data = from.data + first * from.across;
    if (from.across == 1) {
        for (Index i = 0; i < from.rows; ++i) std::copy_n(data + i * from.down, n, to + i * width);
        return;
    }
    auto const elements = [&](Index i, Index j) {
        for (Index q = j; q < std::min(n, j + block); ++q)
            for (Index p = i; p < std::min(from.rows, i + block); ++p)
                to[p * width + q] = data[p * from.down + q * from.across];
    };
    for (Index i = 0; i < from.rows; i += block)
        for (Index j = 0; j < n; j += block)
            if (from.down == 1 && i + block <= from.rows && j + block <= n)
                copy_square(to + i * width + j, width, data + i + j * from.across, from.across);
            else elements(i, j);
}

template <class T> Index size_in_panels(Matrix<T const> const& b) {
    constexpr Index width = backend::panel_width<T>;
    return (b.columns + width - 1) / width * width * b.rows;
}

template <class T> backend::Panels<T> copy_to_panels(T* to, Matrix<T const> const& b) {
    constexpr Index width = backend::panel_width<T>;
    backend::Panels<T> const out{to, width, b.rows * width};
    for (Index j = 0; j < b.columns; j += width, to += out.next) copy_panel(to, b, j, std::min(width, b.columns - j));
    return out;
}

/// Is a whole parameter read as it is?  By its strides, since one row, read as it is, looks like one column, read transposed.
template <class T> bool is_matrix(Matrix<T> const& a) { return a.down == a.columns && a.across == 1; }

/// Where the panels of a whole parameter are kept, if it is one.
template <class T> Packed* packed_as(Matrix<T const> const& b) {
    if (!b.reusable || (!is_matrix(b) && !is_matrix(b.transposed()))) return nullptr;
    return is_matrix(b) ? &b.reusable->as_stored : &b.reusable->transposed;
}

/// The right-hand side in panels: of a parameter, those that were made before, if that is worth it.
template <class T> std::optional<backend::Panels<T>> in_panels(Matrix<T const> const& b, Index m) {
    constexpr Index width = backend::panel_width<T>;
    if (!backend::prefers_panels()) return {};
    if (!b.reusable) {
        if (stored(b) || m < Packed::worth) return {};
        thread_local std::vector<T> memory;
        memory.resize(static_cast<std::size_t>(size_in_panels(b)));
        return copy_to_panels(memory.data(), b);
    }
    Packed* const kept = packed_as(b);
    if (!kept) return {};
    Packed& packed = *kept;
    if (packed.panels) return backend::Panels<T>{static_cast<T*>(packed.panels), width, b.rows * width};
    if (packed.rows + m >= Packed::worth)
        packed.panels = b.reusable->memory->array(static_cast<std::size_t>(size_in_panels(b)) * sizeof(T));
    packed.rows += m;
    if (!packed.panels) return {};
    return copy_to_panels(static_cast<T*>(packed.panels), b);
}

template <class T> void gemm(Matrix<T> const& c, Matrix<T const> const& a, Matrix<T const> const& b, WriteMode fill) {
    Index const m = a.rows, n = b.columns, k = a.columns;
    T const beta = fill == WriteMode::add ? T(1) : T(0);
    if (auto const panels = in_panels(b, m))
        backend::gemm(m, n, k, a.data, layout(a), *panels, beta, c.data, distance(c));
    else backend::gemm(m, n, k, a.data, layout(a), b.data, layout(b), beta, c.data, distance(c));
}

}  // namespace

template <Real T>
void multiply(Matrix<T> const& c, Matrix<T const> const& a, Matrix<T const> const& b, WriteMode fill) {
    if (c.rows == 0 || c.columns == 0 || fill == WriteMode::none) return;
    if (a.columns == 0)
        return fill == WriteMode::assign ? copy<T>(c.array(), {&zero<T>, {c.rows, c.columns}, {0, 0}}) : void();
    auto usable = [](auto const& x) { return stored(x) || stored(x.transposed()); };
    if (!usable(a) || !usable(b)) {
        thread_local std::vector<T> a_memory, b_memory;
        return multiply<T>(c, usable(a) ? a : tidied(a, a_memory), usable(b) ? b : tidied(b, b_memory), fill);
    }
    if (stored(c)) return gemm(c, a, b, fill);
    if (stored(c.transposed())) return gemm(c.transposed(), b.transposed(), a.transposed(), fill);
    thread_local std::vector<T> c_memory;
    c_memory.resize(static_cast<std::size_t>(c.rows * c.columns));
    Matrix<T> const tidy(c_memory.data(), c.rows, c.columns, c.columns, 1);
    gemm(tidy, a, b, WriteMode::assign);
    copy<T>(c.array(), tidy.array(), fill);
}

template <Real T> std::optional<ReadyProduct<T>> ReadyProduct<T>::of(Matrix<T> const& c, Matrix<T const> const& a,
                                                                     Matrix<T const> const& b, WriteMode fill) {
    Packed const* const packed = packed_as(b);
    bool const there           = packed && packed->panels && backend::prefers_panels();
    if (!there || c.rows * c.columns * a.columns == 0 || !stored(c) || !(stored(a) || stored(a.transposed())))
        return {};
    backend::Panels<T> const panels{static_cast<T*>(packed->panels), backend::panel_width<T>,
                                    b.rows * backend::panel_width<T>};
    auto kernels = backend::kernels(c.rows, c.columns, a.columns, layout(a), panels,
                                    fill == WriteMode::add ? T(1) : T(0), distance(c));
    if (kernels.empty()) return {};
    return ReadyProduct(panels, std::move(kernels));
}

// Of panels, products of 32 rows are as fast as larger ones, and from 16 on a larger one costs more, in memory that is read from afar,
// than it saves in calls.  OpenBLAS brings the right-hand side into a form of its own for each product.
Index products_at_once(Index rows) {
    bool const panels = backend::prefers_panels();
    Index const most = panels ? 32 : 256, enough = panels ? 16 : most;
    return rows >= enough ? 1 : (most + rows - 1) / std::max(Index{1}, rows);
}

// All of a block is computed in its first step, and read later: it should still be in the cache.
Index products_in_block(Index rows, Index bytes) {
    constexpr Index many = 32, most = 128, in_cache = 1 << 17;
    Index const n = products_at_once(rows);
    if (n == 1) return 1;
    Index out = (many + n - 1) / n * n;
    while (out < most && 2 * out * bytes <= in_cache) out *= 2;
    return out;
}

template class ReadyProduct<float>;
template class ReadyProduct<double>;
template void multiply(Matrix<float> const&, Matrix<float const> const&, Matrix<float const> const&, WriteMode);
template void multiply(Matrix<double> const&, Matrix<double const> const&, Matrix<double const> const&, WriteMode);

}  // namespace unspool::core
