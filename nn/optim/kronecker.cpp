// Moments, and what is divided by them.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/kronecker.hpp>
#include <unspool/ops/linalg/lapack.hpp>

namespace unspool::core {

namespace {

template <class X> Array<double const> array(X const& x) {
    Shape const shape = Shape::of(x.shape());
    return {x.data(), shape, row_major(shape)};
}
Array<double> array(xt::xarray<double>& x) {
    Shape const shape = Shape::of(x.shape());
    return {x.data(), shape, row_major(shape)};
}
xt::xarray<double> matrix_of_zeros(Index m, Index n) {
    return xt::zeros<double>({static_cast<std::size_t>(m), static_cast<std::size_t>(n)});
}

/// Σ r rᵀ / N, summed in the rows' element type.
xt::xarray<double> second_moment(Values const& rows) {
    Index const n          = rows.shape()[1];
    xt::xarray<double> out = matrix_of_zeros(n, n);
    dispatch(rows.dtype(), [&](auto t) {
        using T                = decltype(t);
        Array<T const> const x = typed<T>(rows);
        std::vector<T> memory(static_cast<std::size_t>(n * n));
        multiply<T>({memory.data(), {n, n}, {n, 1}}, {transposed(x), x}, WriteMode::assign);
        std::transform(memory.begin(), memory.end(), out.begin(),
                       [&](T m) { return static_cast<double>(m) / static_cast<double>(x.shape[0]); });
    });
    return out;
}

WeightRows const& some(WeightRows const& rows, Where where) {
    require_at_least(1, "KroneckerFactors", "rows", rows.rows, where);
    return rows;
}

double mean_of_diagonal(xt::xarray<double> const& m) {
    double sum = 0;
    for (std::size_t i = 0; i < m.shape(0); ++i) sum += m(i, i);
    return sum / static_cast<double>(m.shape(0));
}

/// x = (m + by I)⁻¹ d
void divide(Array<double> x, xt::xarray<double> m, double by, Array<double const> d, Where where) {
    for (std::size_t i = 0; i < m.shape(0); ++i) m(i, i) += by;
    if (!lapack::solve<double>(x, array(m), d))
        throw ValueError(
            fmt::format("{}: KroneckerFactors: a factor is singular: the damping is too small", text(where)));
}

}  // namespace

KroneckerFactors::KroneckerFactors(WeightRows const& rows, Where where)
    : A(second_moment(some(rows, where).input())), G(second_moment(rows.adjoint())) {}

void KroneckerFactors::average(KroneckerFactors const& next, double keep) {
    A = keep * A + (1 - keep) * next.A;
    G = keep * G + (1 - keep) * next.G;
}

xt::xarray<double> KroneckerFactors::precondition(xt::xarray<double> const& d, double damping, Where where) const {
    require_number(damping > 0, "KroneckerFactors", "damping", damping, "above 0", where);
    if (d.dimension() != 2 || d.shape(0) != G.shape(0) || d.shape(1) != A.shape(0))
        throw ShapeError(fmt::format("{}: KroneckerFactors: the gradient has the shape {}, and the weight [{},{}]",
                                     text(where), text(Shape::of(d.shape())), G.shape(0), A.shape(0)));
    double const a = mean_of_diagonal(A), g = mean_of_diagonal(G), root = std::sqrt(damping);
    double const pi = a > 0 && g > 0 ? std::sqrt(a / g) : 1;
    Index const out = static_cast<Index>(d.shape(0)), in = static_cast<Index>(d.shape(1));
    xt::xarray<double> half = matrix_of_zeros(out, in), whole = half;
    divide(array(half), G, root / pi, array(d), where);
    divide(transposed(array(whole)), A, pi * root, transposed(array(std::as_const(half))), where);
    return whole;
}

void KroneckerFactors::precondition(Gradients& gradients, WeightRows const& rows, double damping, Where where) const {
    dispatch(rows.dtype, [&](auto t) {
        using T       = decltype(t);
        Array<T> part = rows.part_of(gradients.mutable_data<T>(*rows.param, where));
        if (!rows.adjoint_is_left) part = transposed(part);  // [out,in]
        xt::xarray<double> d = matrix_of_zeros(part.shape[0], part.shape[1]);
        auto const element   = [&](Index const* at) -> T& {
            return part.data[at[0] * part.strides[0] + at[1] * part.strides[1]];
        };
        each_index(part.shape, [&](Index const* at) { d(at[0], at[1]) = static_cast<double>(element(at)); });
        d = precondition(d, damping, where);
        each_index(part.shape, [&](Index const* at) { element(at) = static_cast<T>(d(at[0], at[1])); });
    });
}

}  // namespace unspool::core
