// How well a model does, beside its loss.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/autograd/tape/var.hpp>
#include <unspool/ops/arrays/indices.hpp>
#include <unspool/ops/losses/loss.hpp>
#include <vector>

namespace unspool::core {

/// A mean in the making: those of batches, and of parts of batches, add up.
struct Metric {
    std::string name;   ///< in the history
    double sum    = 0;  ///< of all numbers
    double weight = 0;  ///< how many numbers the sum is of
    double root   = 1;  ///< which root of the mean is meant: 2 for a root mean square

    double value() const;  ///< NaN if there was nothing
};

/// A number that follows from the mean loss: `{"perplexity", perplexity}`.
struct LossMetric {
    std::string name;                 ///< in the history
    std::function<double(double)> f;  ///< of the mean loss
};

/// Which part of the targets is the class with the largest logit, or among the k largest: `logits` [...,c], `targets` integers
/// of the shape [...], those equal to `ignored` left out.  Where logits are equal, the first counts as larger; a NaN counts as
/// larger than all.  ShapeError where the shapes differ, IndexError for a target that is not a class.
Metric hits(Var const& logits, Shape const& shape, std::span<Index const> targets, Index k, Index ignored,
            std::string name, Where);

/// As hits() has it; the name is "top_5" where none is given.
template <IntegerArray X> Metric top_k(Var const& logits, X const& targets, Index k, Index ignored = -100,
                                       std::string name = {}, Where where = Where::here()) {
    if (name.empty()) name = "top_" + std::to_string(k);
    if constexpr (xt::is_xexpression<X>::value) {
        std::vector<Index> const numbers(targets.template begin<xt::layout_type::row_major>(),
                                         targets.template end<xt::layout_type::row_major>());
        return hits(logits, Shape::of(targets.shape()), numbers, k, ignored, std::move(name), where);
    } else {
        std::vector<Index> const numbers(std::ranges::begin(targets), std::ranges::end(targets));
        return hits(logits, {static_cast<Index>(numbers.size())}, numbers, k, ignored, std::move(name), where);
    }
}
/// As hits() has it, of the class with the largest logit.
template <IntegerArray X> Metric accuracy(Var const& logits, X const& targets, Index ignored = -100,
                                          std::string name = "accuracy", Where where = Where::here()) {
    return top_k(logits, targets, 1, ignored, std::move(name), where);
}

/// The sum of losses as a metric: of so many numbers as a mask lets count.
Metric metric_of(std::string name, Var sum, Shape const& of, Var const& mask, double root = 1);

/// Which part of the targets, 0 or 1, lies on the same side of 1/2 as the probability of a 1 lies of `threshold` (0, for logits).
/// Targets are those of bce: integers [...] for probabilities [...] or [...,1], or an array or Var of the shape of the
/// probabilities.  A NaN is on no side.
template <Judged X> Metric binary_accuracy(Var const& probability, X const& target, LossOptions const& how = {},
                                           double threshold = 0.5, Where where = Where::here()) {
    Pause const pause(probability.tape(where));
    auto const right = [&](Var const& p, auto const& t) { return core::where(t > 0.5, p > threshold, p <= threshold); };
    Var const sum    = paired<BinaryCrossEntropy>({Over::sum, how.weight, how.mask}, where, right, probability, target);
    return metric_of("accuracy", sum, probability.shape(where), how.mask);
}
/// The mean of |prediction − target|: "mae".
template <Judged X> Metric mean_absolute_error(Var const& prediction, X const& target, LossOptions const& how = {},
                                               Where where = Where::here()) {
    Pause const pause(prediction.tape(where));
    return metric_of("mae", mae(prediction, target, {Over::sum, how.weight, how.mask}, where), prediction.shape(where),
                     how.mask);
}
/// The root of the mean of (prediction − target)²: "rmse".
template <Judged X> Metric root_mean_squared_error(Var const& prediction, X const& target, LossOptions const& how = {},
                                                   Where where = Where::here()) {
    Pause const pause(prediction.tape(where));
    return metric_of("rmse", mse(prediction, target, {Over::sum, how.weight, how.mask}, where), prediction.shape(where),
                     how.mask, 2);
}

/// exp(mean loss), for a loss in nats: as many equally likely symbols would be as hard to predict.
double perplexity(double loss);

}  // namespace unspool::core

namespace unspool {

using core::LossMetric, core::Metric, core::accuracy, core::binary_accuracy, core::mean_absolute_error,
    core::perplexity, core::root_mean_squared_error, core::top_k;

}  // namespace unspool
