// Data parallelism.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/error.hpp>
#include <unspool/nn/shards.hpp>

namespace unspool {

namespace {

Index checked(Index count, Where where) {
    if (count < 1) throw ValueError(fmt::format("{}: Shards: count is {}, but must be at least 1", text(where), count));
    return count;
}

}  // namespace

Shards::Shards(Index count, Dtype dtype, Where where) : results_(static_cast<std::size_t>(checked(count, where))), workers_(count) {
    for (Index k = 0; k < count; ++k) tapes_.emplace_back(dtype);
}

Shard Shards::part(Index k, Index n) const {
    Index const parts = std::min(count(), n);
    return {k, n * k / parts, n * (k + 1) / parts};
}

Index Shards::parts_of(Index n, Where where) const {
    if (n < 1) throw ValueError(fmt::format("{}: Shards: a batch of {} cannot be cut into parts", text(where), n));
    return std::min(count(), n);
}

void Shards::differentiate(Index k, Var const& loss, Index n, Where where) {
    double const weight = static_cast<double>(part(k, n).size()) / static_cast<double>(n), value = loss.item();
    dispatch(loss.dtype(), [&](auto t) {
        auto const seed = static_cast<decltype(t)>(weight);
        results_[static_cast<std::size_t>(k)].emplace(value * weight, sweep(loss, &seed, Keep::leaves, where));
    });
}

LossAndGradients Shards::sum(Index parts) {
    LossAndGradients total = std::move(*results_.front());
    for (Index k = 1; k < parts; ++k) {
        auto const& r = *results_[static_cast<std::size_t>(k)];
        total.loss += r.loss;
        total.gradients += r.gradients;
    }
    for (auto& r : results_) r.reset();
    return total;
}

}  // namespace unspool
