// Gram and Schmidt.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unspool/nn/diagnostics/directions.hpp>
#include <vector>

namespace unspool::core {

namespace {

using Row = std::span<double>;

/// Without an overflow on the way.
double length(Row v) {
    double most = 0;
    for (double x : v) most = std::max(most, std::abs(x));
    if (most == 0) return 0;
    double const squares =
        std::accumulate(v.begin(), v.end(), 0.0, [most](double s, double x) { return s + (x / most) * (x / most); });
    return most * std::sqrt(squares);
}

void scale(Row v, double length) {
    for (double& x : v) x /= length;
}

/// Takes off v, of length 1, what is along the others.
void leave_beside(Row v, std::vector<Row> const& others) {
    for (int twice = 0; twice < 2; ++twice)
        for (Row const q : others) {
            double const along = std::inner_product(v.begin(), v.end(), q.begin(), 0.0);
            for (std::size_t i = 0; i < v.size(); ++i) v[i] -= along * q[i];
        }
}

}  // namespace

void orthonormalise(std::span<double> rows, std::span<double> logarithms, Random& random) {
    std::size_t const n = logarithms.size(), size = n == 0 ? 0 : rows.size() / n;
    double const rounding = 4 * std::numeric_limits<double>::epsilon() * static_cast<double>(size);
    std::vector<Row> done, lost;
    for (std::size_t k = 0; k < n; ++k) {
        Row const v        = rows.subspan(k * size, size);
        double const whole = length(v);
        double left        = 0;
        if (whole > 0) scale(v, whole), leave_beside(v, done), left = length(v);
        logarithms[k] = left > rounding ? std::log(whole) + std::log(left) : -std::numeric_limits<double>::infinity();
        if (left > rounding) scale(v, left);
        (left > rounding ? done : lost).push_back(v);
    }
    for (Row const v : lost) {
        do {
            for (double& x : v) x = random.normal();
            scale(v, length(v)), leave_beside(v, done);
        } while (!(length(v) > 1e-6));
        scale(v, length(v)), done.push_back(v);
    }
}

}  // namespace unspool::core
