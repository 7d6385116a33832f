// How well a model does, beside its loss.
#pragma once
#include <span>
#include <string>
#include <unspool/autograd/call/indices.hpp>
#include <unspool/autograd/tape/var.hpp>
#include <vector>

namespace unspool::core {

/// A mean in the making: those of batches, and of parts of batches, add up.
struct Metric {
    std::string name;
    double sum    = 0;
    double weight = 0;  ///< how many numbers the sum is of

    double value() const { return sum / weight; }  ///< NaN if there was nothing
};

/// Which part of the targets is the class with the largest logit, or among the k largest: `logits` [...,c], `targets` integers
/// of the shape [...], those equal to `ignored` left out.  Where logits are equal, the first counts as larger; a NaN counts as
/// larger than all.  ShapeError where the shapes differ, IndexError for a target that is not a class.
Metric hits(Var const& logits, Shape const& shape, std::span<Index const> targets, Index k, Index ignored,
            std::string name, Where);

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
template <IntegerArray X> Metric accuracy(Var const& logits, X const& targets, Index ignored = -100,
                                          std::string name = "accuracy", Where where = Where::here()) {
    return top_k(logits, targets, 1, ignored, std::move(name), where);
}

/// exp(mean loss), for a loss in nats: as many equally likely symbols would be as hard to predict.
double perplexity(double loss);

}  // namespace unspool::core

namespace unspool {

using core::Metric, core::accuracy, core::perplexity, core::top_k;

}  // namespace unspool
