// Series of numbers: on a common scale, and in windows.
#pragma once
#include <unspool/nn/data/batches.hpp>

namespace unspool::core {

/// Brings each column of a series [steps,columns] to mean 0 and deviation 1, by what it has seen of it.
class Standardiser {
public:
    /// Of the series to train on (and not of what is to be predicted).  NaN does not count; a column that is constant is only
    /// shifted.  ValueError for a column without a number, or with an infinite one.
    explicit Standardiser(xt::xtensor<double, 2> const&, Where = Where::here());

    std::vector<double> const& mean() const { return mean_; }            ///< of each column
    std::vector<double> const& deviation() const { return deviation_; }  ///< √ of the mean square, as numpy's std

    /// (x - mean) / deviation, and back.  ShapeError where there is another number of columns.
    xt::xtensor<double, 2> apply(xt::xtensor<double, 2> const&, Where = Where::here()) const;
    /// Back to the units of the series.
    xt::xtensor<double, 2> undo(xt::xtensor<double, 2> const&, Where = Where::here()) const;

    void fields(Fields);

private:
    void require_columns(xt::xtensor<double, 2> const&, Where) const;

    std::vector<double> mean_, deviation_;
};

/// Steps [begin, end) of a series.  IndexError unless 0 ≤ begin ≤ end ≤ steps.
xt::xtensor<double, 2> steps_of(xt::xtensor<double, 2> const& series, Index begin, Index end, Where = Where::here());

struct WindowOptions {
    Index length               = 24;     ///< steps of the input
    Index horizon              = 1;      ///< steps of the target, which follow the input
    Index stride               = 1;      ///< from a window to the next
    std::vector<Index> targets = {};     ///< columns to be predicted; all, if there are none
    bool complete              = false;  ///< windows in which a number is missing (NaN) are left out
};

/// The windows of a series [steps,columns], to be put in batches: inputs [length,columns], targets [horizon,targets].
///
///     SequenceBatches batches(windows(series, {.length = 24, .horizon = 12}), {.aligned = false});
///
/// ValueError where an option is less than 1, the series is shorter than one window, or no window is complete; IndexError for a column that is none.
Sequences<Features<double>, Features<double>> windows(xt::xtensor<double, 2> const& series, WindowOptions const& = {},
                                                      Where = Where::here());

/// The same, with the numbers of each target in a row, [horizon·targets], step after step: what the last output of a layer predicts.
///
///     SequenceBatches batches(forecasts(series, {.length = 24}));    // batch.targets is [B,columns]
Sequences<Features<double>, Outcomes<double>> forecasts(xt::xtensor<double, 2> const& series, WindowOptions const& = {},
                                                        Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::Standardiser, core::WindowOptions, core::forecasts, core::steps_of, core::windows;

}  // namespace unspool
