// Series to forecast: made up, or read.
#include "series.hpp"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace forecast {

namespace {

Series column(std::vector<double> const& numbers) {
    Series out({numbers.size(), 1}, 0);
    std::copy(numbers.begin(), numbers.end(), out.begin());
    return out;
}

}  // namespace

Named made_up_passengers(std::uint64_t seed) {
    Random random(seed);
    std::vector<double> out;
    for (int month = 0; month < 144; ++month) {
        double const year = month / 12.0, turn = 2 * std::numbers::pi * year;
        double const season = 0.18 * std::sin(turn - 2) + 0.06 * std::sin(2 * turn) + 0.02 * random.normal();
        out.push_back(std::round((110 + 30 * year) * std::exp(season)));
    }
    return {"passengers that the program makes up", column(out)};
}

Named read_series(std::string const& file, std::string const& name, std::vector<double> const& missing) {
    auto numbers = Csv::read(file, {.comment = '#', .ragged = true, .missing_values = missing}).numbers(name);
    std::erase_if(numbers, [](double x) { return std::isnan(x); });
    return {file, column(numbers)};
}

Changes::Changes(Series const& all) : relative_(*std::min_element(all.begin(), all.end()) > 0) {}

Series Changes::of(Series const& x) const {
    Series out = x;
    for (std::size_t t = x.shape(0); t-- > 1;) out(t, 0) = (x(t, 0) - x(t - 1, 0)) / (relative_ ? x(t - 1, 0) : 1);
    if (out.size() > 0) out(0, 0) = 0;
    return out;
}

Series Changes::undo(Series const& before, Series const& changes) const {
    if (relative_) return before * (1 + changes);
    return before + changes;
}

}  // namespace forecast
