// A learning rate that is reduced when training stops getting anywhere.
#pragma once
#include <unspool/nn/optim/optimiser.hpp>

namespace unspool::core {

/// When a rate is reduced, and by how much.
struct PlateauOptions {
    /// Which way a metric should go.
    enum class Goal { least, most };  // of the metric
    /// What an improvement is measured by.
    enum class Threshold { relative, absolute };
    Goal goal                = Goal::least;          ///< least: a loss; most: an accuracy
    double factor            = 0.1;                  ///< of the rate, when it is reduced; in [0, 1)
    Index patience           = 10;                   ///< so many metrics in a row may be no better than the best
    double threshold         = 1e-4;                 ///< by which a metric must be better
    Threshold threshold_mode = Threshold::relative;  ///< relative to the best, or absolute
    Index cooldown           = 0;                    ///< so many metrics after a reduction do not count as bad
    double least_rate        = 0;                    ///< below which it is not reduced
    double eps               = 1e-8;                 ///< a smaller change of the rate is not made
};

/// Reduces the rate of an optimiser when a metric has stopped improving.  As PyTorch's ReduceLROnPlateau; NaN is never better.
class ReduceOnPlateau {
public:
    /// The optimiser must outlive it.  ValueError where an option is outside its range.
    explicit ReduceOnPlateau(Optimiser&, PlateauOptions = {}, Where = Where::here());

    /// With the metric of each epoch, such as the validation loss.  Says whether the rate was reduced.
    bool step(double metric);
    double best() const { return best_; }  ///< so far; at first infinite

    void fields(Fields);

private:
    bool better(double metric) const;
    bool reduce();

    Optimiser* optimiser_;
    PlateauOptions options_;
    double best_;
    Index bad_ = 0, cooling_ = 0;
};

}  // namespace unspool::core

namespace unspool {

using core::PlateauOptions, core::ReduceOnPlateau;

}  // namespace unspool
