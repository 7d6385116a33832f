// Series of numbers.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/series.hpp>

namespace unspool::core {

namespace {

struct Spread {
    double mean, deviation;
};

std::vector<double> numbers_of(xt::xtensor<double, 2> const& x, std::size_t column, Where where) {
    std::vector<double> out;
    for (std::size_t t = 0; t < x.shape(0); ++t)
        if (!std::isnan(x(t, column))) out.push_back(x(t, column));
    if (out.empty()) throw ValueError(fmt::format("{}: Standardiser: column {} has no number", text(where), column));
    return out;
}

// The mean first: a difference of large squares would have no digits left.
Spread moments(std::vector<double> const& x) {
    double const n = static_cast<double>(x.size());
    double sum = 0, squares = 0;
    for (double v : x) sum += v;
    double const mean = sum / n;
    for (double v : x) squares += (v - mean) * (v - mean);
    return {mean, std::sqrt(squares / n)};
}

// A constant column's deviation may be what rounding left of the mean.
bool is_constant(std::vector<double> const& x) {
    for (double v : x)
        if (v != x.front()) return false;
    return true;
}

}  // namespace

Standardiser::Standardiser(xt::xtensor<double, 2> const& x, Where where) {
    for (std::size_t c = 0; c < x.shape(1); ++c) {
        auto const numbers = numbers_of(x, c, where);
        Spread const m     = moments(numbers);
        if (!std::isfinite(m.deviation))
            throw ValueError(
                fmt::format("{}: Standardiser: column {} has infinite numbers, or too large ones", text(where), c));
        mean_.push_back(is_constant(numbers) ? numbers.front() : m.mean);
        deviation_.push_back(is_constant(numbers) ? 1 : m.deviation);
    }
}

void Standardiser::require_columns(xt::xtensor<double, 2> const& x, Where where) const {
    if (x.shape(1) != mean_.size())
        throw ShapeError(fmt::format("{}: Standardiser: it knows {} columns, but the series has {}", text(where),
                                     mean_.size(), x.shape(1)));
}

xt::xtensor<double, 2> Standardiser::apply(xt::xtensor<double, 2> const& x, Where where) const {
    require_columns(x, where);
    xt::xtensor<double, 2> out(x.shape());
    for (std::size_t t = 0; t < x.shape(0); ++t)
        for (std::size_t c = 0; c < mean_.size(); ++c) out(t, c) = (x(t, c) - mean_[c]) / deviation_[c];
    return out;
}

xt::xtensor<double, 2> Standardiser::undo(xt::xtensor<double, 2> const& x, Where where) const {
    require_columns(x, where);
    xt::xtensor<double, 2> out(x.shape());
    for (std::size_t t = 0; t < x.shape(0); ++t)
        for (std::size_t c = 0; c < mean_.size(); ++c) out(t, c) = x(t, c) * deviation_[c] + mean_[c];
    return out;
}

void Standardiser::fields(Fields f) { f.add("mean", mean_), f.add("deviation", deviation_); }

xt::xtensor<double, 2> steps_of(xt::xtensor<double, 2> const& series, Index begin, Index end, Where where) {
    if (begin < 0 || end < begin || end > static_cast<Index>(series.shape(0)))
        throw IndexError(
            fmt::format("{}: steps_of: [{}, {}) is not within the {} steps", text(where), begin, end, series.shape(0)));
    auto const columns = static_cast<Index>(series.shape(1));
    xt::xtensor<double, 2> out({static_cast<std::size_t>(end - begin), series.shape(1)}, 0);
    std::copy(series.data() + begin * columns, series.data() + end * columns, out.data());
    return out;
}

namespace {

void require_window(char const* name, Index n, Where where) {
    if (n < 1) throw ValueError(fmt::format("{}: windows: {} is {}, but must be at least 1", text(where), name, n));
}

bool any_missing(xt::xtensor<double, 2> const& x) {
    return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

std::vector<Index> target_columns(WindowOptions const& o, Index columns, Where where) {
    std::vector<Index> out = o.targets;
    for (Index c = 0; o.targets.empty() && c < columns; ++c) out.push_back(c);
    for (Index c : out)
        if (c < 0 || c >= columns)
            throw IndexError(fmt::format("{}: windows: there is no column {} among {}", text(where), c, columns));
    return out;
}

xt::xtensor<double, 2> some_columns(xt::xtensor<double, 2> const& x, std::vector<Index> const& columns) {
    xt::xtensor<double, 2> out({x.shape(0), columns.size()}, 0);
    for (std::size_t t = 0; t < x.shape(0); ++t)
        for (std::size_t c = 0; c < columns.size(); ++c) out(t, c) = x(t, static_cast<std::size_t>(columns[c]));
    return out;
}

}  // namespace

Sequences<Features<double>, Features<double>> windows(xt::xtensor<double, 2> const& series, WindowOptions const& o,
                                                      Where where) {
    require_window("length", o.length, where), require_window("horizon", o.horizon, where),
        require_window("stride", o.stride, where);
    auto const steps   = static_cast<Index>(series.shape(0));
    auto const columns = target_columns(o, static_cast<Index>(series.shape(1)), where);
    Index const last   = o.length > steps || o.horizon > steps ? -1 : steps - o.length - o.horizon;
    if (last < 0)
        throw ValueError(fmt::format("{}: windows: {} and {} more do not fit into {} steps", text(where), o.length,
                                     o.horizon, steps));
    Sequences<Features<double>, Features<double>> out;
    for (Index t = 0, stride = std::min(o.stride, steps); t <= last; t += stride) {
        auto input  = steps_of(series, t, t + o.length),
             target = some_columns(steps_of(series, t + o.length, t + o.length + o.horizon), columns);
        if (o.complete && (any_missing(input) || any_missing(target))) continue;
        out.inputs.push_back(std::move(input)), out.targets.push_back(std::move(target));
    }
    if (out.inputs.empty()) throw ValueError(text(where) + ": windows: a number is missing in each");
    return out;
}

Sequences<Features<double>, Outcomes<double>> forecasts(xt::xtensor<double, 2> const& series, WindowOptions const& o,
                                                        Where where) {
    auto cut = windows(series, o, where);
    Sequences<Features<double>, Outcomes<double>> out{std::move(cut.inputs)};
    for (auto const& target : cut.targets) {
        Outcomes<double> row({target.size()}, 0);
        std::copy(target.begin(), target.end(), row.begin());
        out.targets.push_back(std::move(row));
    }
    return out;
}

}  // namespace unspool::core
