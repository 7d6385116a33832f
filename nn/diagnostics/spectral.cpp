// By LAPACK, but for what is not finite.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/diagnostics/spectral.hpp>
#include <unspool/ops/linalg/lapack.hpp>

namespace unspool::core {

double spectral_norm(std::span<double const> a, Index rows, Index columns) {
    if (rows < 0 || columns < 0 || rows * columns != std::ssize(a))
        throw ShapeError(fmt::format("spectral_norm: {} elements are no matrix [{},{}]", a.size(), rows, columns));
    auto const bad = std::find_if(a.begin(), a.end(), [](double x) { return !std::isfinite(x); });
    if (bad != a.end()) return std::abs(*bad);
    return a.empty() ? 0 : lapack::singular_values(a, rows, columns).front();
}

}  // namespace unspool::core
