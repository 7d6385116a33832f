// Calls LAPACK, whose matrices are columns one after the other.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <unspool/autograd/cpu/openblas.hpp>
#include <unspool/ops/linalg/lapack.hpp>
#include <xtensor-blas/xlinalg.hpp>

namespace unspool::core::lapack {

namespace {

template <Real T> using Columns = xt::xarray<T, xt::layout_type::column_major>;

/// Contiguous columns as an array.
template <class T> Array<T> as_array(T* data, Shape const& s) { return {data, s, {1, s[0]}}; }

template <Real T> Columns<T> columns_of(Array<T const> const& a) {
    auto out = Columns<T>::from_shape({static_cast<std::size_t>(a.shape[0]), static_cast<std::size_t>(a.shape[1])});
    copy<T>(as_array(out.data(), a.shape), a);
    return out;
}

template <Real T> bool all_finite(Columns<T> const& a) {
    return std::all_of(a.storage().begin(), a.storage().end(), [](T x) { return std::isfinite(x); });
}

template <Real T> void fill(Array<T> const& to, T value) { copy<T>(to, {&value, to.shape, {0, 0}}); }

/// Writes what `made` makes of the columns of `a`.  xtensor-blas throws where LAPACK says that there is no result.
template <Real T, class F> bool write(Array<T> const& y, Array<T const> const& a, F made) {
    if (count(y.shape) == 0) return true;  // of which LAPACK says that it has no rows
    Columns<T> out = columns_of(a);
    if (!all_finite(out)) return fill(y, std::numeric_limits<T>::quiet_NaN()), true;
    backend::openblas::on_one_thread();
    try {
        out = made(std::move(out));
    } catch (std::runtime_error const&) { return false; }
    copy<T>(y, as_array(std::as_const(out).data(), y.shape));
    return true;
}

/// ½ (a + aᵀ), without an overflow on the way.
template <Real T> Columns<T> symmetric_part(Columns<T> a) {
    for (std::size_t i = 0; i < a.shape()[0]; ++i)
        for (std::size_t j = 0; j < i; ++j) a(i, j) = a(j, i) = a(i, j) / 2 + a(j, i) / 2;
    return a;
}

}  // namespace

template <Real T> bool solve(Array<T> x, Array<T const> a, Array<T const> b) {
    return write<T>(x, a, [&](Columns<T> const& c) { return xt::linalg::solve(c, columns_of(b)); });
}

template <Real T> bool invert(Array<T> y, Array<T const> a) {
    return write<T>(y, a, [](Columns<T> const& c) { return xt::linalg::inv(c); });
}

template <Real T> T log_abs_det(Array<T const> a) {
    if (a.shape[0] == 0) return 0;
    Columns<T> const c = columns_of(a);
    if (!all_finite(c)) return std::numeric_limits<T>::quiet_NaN();
    backend::openblas::on_one_thread();
    return std::get<1>(xt::linalg::slogdet(c));
}

template <Real T> bool factor(Array<T> l, Array<T const> a) {
    return write<T>(l, a, [](Columns<T> c) { return xt::linalg::cholesky(symmetric_part(std::move(c))); });
}

template <Real T> void solve_transposed_triangle(Array<T> x, Array<T const> l, Array<T const> b) {
    if (count(x.shape) == 0) return;
    auto const n = static_cast<xt::blas_index_t>(x.shape[0]), k = static_cast<xt::blas_index_t>(x.shape[1]);
    Columns<T> c = columns_of(l), out = columns_of(b);
    backend::openblas::on_one_thread();
    cxxlapack::trtrs<xt::blas_index_t>('L', 'T', 'N', n, k, c.data(), n, out.data(),
                                       n);  // xtensor-blas's own has one column only
    copy<T>(x, as_array(std::as_const(out).data(), x.shape));
}

std::vector<double> singular_values(std::span<double const> a, Index rows, Index columns) {
    if (a.empty()) return {};
    Shape const transposed{columns, rows};  // which has the same
    auto const c = columns_of<double>(as_array(a.data(), transposed));
    backend::openblas::on_one_thread();
    auto const s = std::get<1>(xt::linalg::svd(c, false, false));
    return {s.begin(), s.end()};
}

template bool solve(Array<float>, Array<float const>, Array<float const>);
template bool solve(Array<double>, Array<double const>, Array<double const>);
template bool invert(Array<float>, Array<float const>);
template bool invert(Array<double>, Array<double const>);
template float log_abs_det(Array<float const>);
template double log_abs_det(Array<double const>);
template bool factor(Array<float>, Array<float const>);
template bool factor(Array<double>, Array<double const>);
template void solve_transposed_triangle(Array<float>, Array<float const>, Array<float const>);
template void solve_transposed_triangle(Array<double>, Array<double const>, Array<double const>);

}  // namespace unspool::core::lapack
