// Power iteration: multiply, measure, normalise.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/random.hpp>
#include <unspool/nn/diagnostics/spectral.hpp>
#include <utility>
#include <vector>

namespace unspool {

namespace {

using Vector = std::vector<double>;

double length(Vector const& v) { return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0)); }

void normalise(Vector& v) {
    double const n = length(v);
    for (double& x : v) x /= n;
}

/// u = A v, then v = Aᵀ u, along the rows both times.
void multiply(std::span<double const> a, Vector const& v, Vector& u) {
    for (std::size_t r = 0; r < u.size(); ++r)
        u[r] = std::inner_product(v.begin(), v.end(), a.begin() + static_cast<Index>(r * v.size()), 0.0);
}
void multiply_transposed(std::span<double const> a, Vector const& u, Vector& v) {
    std::fill(v.begin(), v.end(), 0.0);
    for (std::size_t r = 0; r < u.size(); ++r)
        for (std::size_t c = 0; c < v.size(); ++c) v[c] += a[r * v.size() + c] * u[r];
}

double largest(std::span<double const> a) {
    double most = 0;
    for (double x : a) {
        if (!std::isfinite(x)) return x;
        most = std::max(most, std::abs(x));
    }
    return most;
}

}  // namespace

double spectral_norm(std::span<double const> given, Index rows, Index columns, PowerIteration const& how) {
    if (rows < 0 || columns < 0 || rows * columns != std::ssize(given))
        throw ShapeError(fmt::format("spectral_norm: {} elements are no matrix [{},{}]", given.size(), rows, columns));
    double const scale = largest(given);  // taken out, lest squares leave the range of numbers
    if (scale == 0 || !std::isfinite(scale)) return std::abs(scale);
    Vector a(given.begin(), given.end()), u(static_cast<std::size_t>(rows)), v(static_cast<std::size_t>(columns));
    for (double& x : a) x /= scale;
    Random random(1);
    for (double& x : v) x = random.normal();
    double norm = 0;
    for (Index k = 0; k < how.most; ++k) {
        normalise(v);
        multiply(a, v, u);
        double const last = std::exchange(norm, length(u));
        if (norm == 0 || std::abs(norm - last) <= how.tolerance * norm) break;
        multiply_transposed(a, u, v);
    }
    return norm * scale;
}

}  // namespace unspool
