// Series to forecast.
#pragma once
#include <string>
#include <unspool.hpp>

namespace forecast {

using namespace unspool;

using Series = xt::xtensor<double, 2>;  ///< [steps,1]

struct Named {
    std::string source;
    Series values;
};

/// Twelve years of months with a trend, a season that grows with it, and noise: as passengers of an airline are.
Named made_up_passengers(std::uint64_t seed);
/// A column of a table, by its name or number; rows without a number, or with one that stands for none, are left out.  FileError,
/// NameError.
Named read_series(std::string const& file, std::string const& column, std::vector<double> const& missing);

/// How a series changes from step to step, which has no trend: x_t / x_{t−1} − 1 where all are positive, else x_t − x_{t−1}.
class Changes {
public:
    explicit Changes(Series const&);
    Series of(Series const&) const;                                  ///< as long as the series; from 0 on
    Series undo(Series const& before, Series const& changes) const;  ///< what comes after `before`

private:
    bool relative_;
};

}  // namespace forecast
