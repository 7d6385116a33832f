// Finds slopes.
#include <algorithm>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/finite_difference.hpp>

namespace unspool::core {

void FiniteDifference::add(double w, FiniteDifference const& s) {
    double const size = std::abs(w);
    central += w * s.central, below += w * s.below, above += w * s.above, bend += w * s.bend;
    gap += size * s.gap, uneven += size * s.uneven, spread += size * s.spread;
    if (changed == s.changed) noise += size * s.noise;
    else if (s.changed) noise = size * s.noise;  // what does not change has no noise, unless nothing changes
    if (!s.changed) ++still, asleep += size * s.noise / 16;
    changed = changed || s.changed, wide = wide || s.wide;
}

FiniteDifference Stencil::slope(std::size_t i) const {
    double const y0 = (*here)[i];
    double largest = std::abs(y0), change = 0;
    for (Numbers const& v : y)
        if (std::isfinite(v[i]))
            largest = std::max(largest, std::abs(v[i])), change = std::max(change, std::abs(v[i] - y0));
    double const noise = largest * rounding / (at[2] - at[1]);
    FiniteDifference out;
    out.changed = !std::all_of(y.begin(), y.end(), [&](Numbers const& v) { return v[i] == y0; });
    out.noise   = noise;
    out.wide    = change > std::abs(y0) / 2;
    if (!out.changed) return out;
    double const wide = (y[3][i] - y[0][i]) / (at[3] - at[0]), narrow = (y[2][i] - y[1][i]) / (at[2] - at[1]);
    double const part = std::pow((at[2] - at[1]) / (at[3] - at[0]), 2);
    bool const helps  = !(std::abs(wide - narrow) <= noise / 8);  // else the wider one is rounded less
    out.central       = helps ? (narrow - part * wide) / (1 - part) : wide;
    out.noise += rounding * (std::abs(wide) + std::abs(narrow));  // where they cancel
    out.below = one_sided(i, -1), out.above = one_sided(i, 1);
    out.gap           = std::abs(difference(i, 2) - difference(i, 1));
    out.bend          = 2 * (difference(i, 3) - difference(i, 0)) / (at[3] - at[0]);
    double const bend = 2 * (difference(i, 2) - difference(i, 1)) / (at[2] - at[1]);
    out.uneven        = std::abs(out.bend - bend) * at[3] / 2;
    out.spread        = out.uneven + std::abs(wide - narrow) / 2;
    return out;
}

Numbers random_weights(Random& r, std::size_t n) {
    Numbers out(n);
    for (double& w : out) w = r.weight();
    return out;
}

Numbers random_weights(Random& r, Numbers const& values) {
    // Below the least, a sum would not see whether such a value is right; beyond most, it does not move at all over a usual step.
    constexpr double much = 1e3, least = 1e-4, most = 1e12;
    double largest = 0;
    Numbers sizes, out = random_weights(r, values.size());
    for (double x : values) largest = std::max(largest, std::isfinite(x) ? std::abs(x) : 0);
    for (double x : values)  // less may be what rounding has left of nothing
        if (std::isfinite(x) && std::abs(x) > rounding * std::min(1.0, largest)) sizes.push_back(std::abs(x));
    std::size_t const n = sizes.size(), small = n < 4 ? (n - 1) / 2 : n / 4;
    double usual = 0;
    if (n > 0)
        std::nth_element(sizes.begin(), sizes.begin() + std::ptrdiff_t(small), sizes.end()), usual = sizes[small];
    for (std::size_t i = 0; i < out.size(); ++i)
        if (!std::isfinite(values[i])) out[i] = 0;
        else if (double const times = std::abs(values[i]) / usual; times > much)
            out[i] *= times > most ? much / times : std::max(least, much / times);
    return out;
}

Numbers Weights::of(std::size_t row) const {
    if (!is_single(row)) return is_aside(row) ? alike : all;
    Numbers out(all.size(), 0);
    out[row] = each[row];
    return out;
}

double Stencil::one_sided(std::size_t i, int side) const {
    std::size_t const near = side < 0 ? 1 : 2, far = side < 0 ? 0 : 3;
    double const a = at[near], b = at[far];
    return (difference(i, near) * b - difference(i, far) * a) / (b - a);
}

namespace {

FiniteDifferences by_rows(Weights const& w, std::size_t elements, auto const& slope) {
    FiniteDifferences out(w.rows());
    for (std::size_t i = 0; i < elements; ++i) {
        FiniteDifference const s = slope(i);
        if (w.all[i] != 0) out.back().add(w.all[i], s);
        if (!w.each.empty()) out[i].add(w.each[i], s);
        if (!w.alike.empty()) out[w.each.size()].add(w.alike[i], s);
    }
    return out;
}

}  // namespace

Stencil Profile::stencil(double step) const {
    constexpr double near =
        0.6180339887498949;  // the least rational of all ratios: no wave is missed at both distances
    Stencil s{&here, {}, {-step, -near * step, near * step, step}};
    for (std::size_t k = 0; k < 4; ++k) s.y[k] = value(s.at[k]);
    return s;
}

FiniteDifferences Profile::around(double step) const {
    Stencil const s = stencil(step);
    return by_rows(weights, here.size(), [&](std::size_t i) { return s.slope(i); });
}

FiniteDifferences Profile::beside(double step) const {
    Numbers const y = value(step);
    return by_rows(weights, here.size(), [&](std::size_t i) {
        FiniteDifference out;
        out.central = (y[i] - here[i]) / step;
        out.changed = y[i] != here[i];
        out.noise   = std::max(std::abs(y[i]), std::abs(here[i])) * rounding / std::abs(step);
        return out;
    });
}

}  // namespace unspool::core
