// Means over an epoch, which can be saved in the middle of it.
#pragma once
#include <unspool/nn/fit/history.hpp>
#include <unspool/nn/fit/metric.hpp>

namespace unspool::core {

class RunningMean {
public:
    void add(double mean_loss, double weight) { loss_ += mean_loss * weight, weight_ += weight; }
    /// ValueError where a metric comes that was not there before, or is missing.
    void add(std::vector<Metric> const&);

    double weight() const { return weight_; }
    double loss() const { return loss_ / weight_; }
    std::vector<Metric> metrics() const;
    /// The loss, what follows from it, and the metrics, by their names behind a prefix.
    History::Row row(std::vector<LossMetric> const&, std::string const& prefix = "") const;

    void fields(Fields);

private:
    double loss_ = 0, weight_ = 0;
    std::string names_;                           // of the metrics, one a line
    std::vector<double> sums_, weights_, roots_;  // of the metrics
};

}  // namespace unspool::core
