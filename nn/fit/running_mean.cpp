// Means over an epoch.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/running_mean.hpp>

namespace unspool::core {

namespace {

std::vector<std::string> names_of(std::vector<Metric> const& metrics) {
    std::vector<std::string> out;
    for (Metric const& m : metrics) out.push_back(m.name);
    return out;
}

}  // namespace

void RunningMean::add(std::vector<Metric> const& metrics) {
    std::string names;
    for (Metric const& m : metrics) names += m.name + '\n';
    if (sums_.empty()) {
        names_ = names, sums_.assign(metrics.size(), 0), weights_.assign(metrics.size(), 0);
        for (Metric const& m : metrics) roots_.push_back(m.root);
    }
    if (names != names_)
        throw ValueError(fmt::format("fit: the metrics of a batch are others than those before: {}",
                                     shown_change(names_of(metrics), names_of(this->metrics()))));
    for (std::size_t i = 0; i < metrics.size(); ++i) sums_[i] += metrics[i].sum, weights_[i] += metrics[i].weight;
}

std::vector<Metric> RunningMean::metrics() const {
    std::vector<Metric> out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < sums_.size() && at < names_.size(); ++i) {
        std::size_t const end = std::min(names_.find('\n', at), names_.size());
        out.push_back({names_.substr(at, end - at), sums_[i], i < weights_.size() ? weights_[i] : 0,
                       i < roots_.size() ? roots_[i] : 1});
        at = end + 1;
    }
    return out;
}

History::Row RunningMean::row(std::vector<LossMetric> const& of_loss, std::string const& prefix) const {
    History::Row out;
    out.emplace_back(prefix + "loss", loss());
    for (LossMetric const& m : of_loss) out.emplace_back(prefix + m.name, m.f(loss()));
    for (Metric const& m : metrics()) out.emplace_back(prefix + m.name, m.value());
    return out;
}

void RunningMean::fields(Fields f) {
    f.add("loss", loss_), f.add("weight", weight_);
    f.add("names", names_), f.add("sums", sums_), f.add("weights", weights_), f.add("roots", roots_);
}

}  // namespace unspool::core
