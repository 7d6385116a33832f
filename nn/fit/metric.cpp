// How well a model does.
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/fit/metric.hpp>

namespace unspool::core {

namespace {

// How many of the classes are ahead of one.
template <Real T> Index rank_of(T const* logits, Index classes, Index target) {
    Index ahead = 0;
    for (Index c = 0; c < classes; ++c)
        if (!(logits[c] < logits[target]) && (logits[c] != logits[target] || c < target)) ++ahead;
    return ahead;
}

void require_fit(Shape const& logits, Shape const& targets, Index k, std::string const& name, Where where) {
    Shape expected = targets;
    expected.push_back(logits.empty() ? 0 : logits.back());
    if (logits.empty() || !(logits == expected))
        throw ShapeError(fmt::format("{}: {}: logits [...,c] are {}, but the targets {}", text(where), name,
                                     text(logits), text(targets)));
    if (k < 1) throw ValueError(fmt::format("{}: {}: k is {}, but must be at least 1", text(where), name, k));
}

}  // namespace

Metric hits(Var const& logits, Shape const& shape, std::span<Index const> targets, Index k, Index ignored,
            std::string name, Where where) {
    require_fit(logits.shape(), shape, k, name, where);
    Index const classes = logits.shape().back();
    Metric out{std::move(name)};
    dispatch(logits.dtype(), [&](auto type) {
        using T         = decltype(type);
        auto const view = logits.value<T>();
        std::vector<T> x(view.template begin<xt::layout_type::row_major>(),
                         view.template end<xt::layout_type::row_major>());
        for (std::size_t i = 0; i < targets.size(); ++i) {
            if (targets[i] == ignored) continue;
            if (targets[i] < 0 || targets[i] >= classes)
                throw IndexError(fmt::format("{}: {}: target {} is not one of {} classes", text(where), out.name,
                                             targets[i], classes));
            out.weight += 1;
            if (rank_of(x.data() + static_cast<Index>(i) * classes, classes, targets[i]) < k) out.sum += 1;
        }
    });
    return out;
}

double Metric::value() const {
    double const mean = sum / weight;
    return root == 1 ? mean : std::pow(mean, 1 / root);
}

Metric metric_of(std::string name, Var sum, Shape const& of, Var const& mask, double root) {
    double const n = mask.empty() ? static_cast<double>(count(of)) : counted(mask, of);
    return {std::move(name), sum.item(), n, root};
}

double perplexity(double loss) { return std::exp(loss); }

}  // namespace unspool::core
