// Weights and masks of losses.
#include <fmt/format.h>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/losses/loss.hpp>

namespace unspool::core {

double counted(Var const& mask, Shape const& losses) {
    return dispatch(mask.dtype(), [&](auto t) {
        using T       = decltype(t);
        auto const& w = mask.window();
        require_constant(mask.tape(), w, w.where);
        Index found      = 0;
        auto const steps = broadcast_strides(w.shape, w.strides, losses);
        each_index(losses, [&](Index const* at) {
            Index offset = 0;
            for (std::size_t i = 0; i < losses.size(); ++i) offset += at[i] * steps[i];
            found += static_cast<T const*>(w.data)[offset] != T(0);
        });
        return static_cast<double>(found);
    });
}

Var over_counted(Var losses, Var mask, Over over, Where where) {
    if (over == Over::none) return losses;
    if (over == Over::sum) return sum(losses, {}, Reduced::drop, where);
    return record(losses, {Reduction::mean, {}, Reduced::drop, counted(mask, losses.shape(where))}, where);
}

namespace {

Var direction(Var x, Where where) {
    if (x.shape(where).empty())
        throw ShapeError(describe(where, CosineLoss::name, "a scalar has no direction", "",
                                  std::array{Shown{label(x), x.shape(where)}}));
    return Var(x / maximum(norm2(x, -1, Reduced::keep, where.inside()), 1e-8), where.inside());
}

}  // namespace

Var cosine(Argument a, Argument b, LossOptions const& how, Where where) {
    return with_operands(std::array{a, b}, CosineLoss::name, where, [&](Var x, Var y) {
        require_pairs(CosineLoss::name,
                      std::array{sized(CosineLoss::operands[0], x, where), sized(CosineLoss::operands[1], y, where)}, 2,
                      where);
        Var const u = direction(x, where), v = direction(y, where);
        return over(1 - dot(u, v, where.inside()), how, where);
    });
}

void refuse_delta(double delta, Where where) {
    throw ValueError(
        describe(where, Huber::name, fmt::format("delta is {}, and must be greater than 0", delta), "", {}));
}

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

/// A loss of two operands, over all and over each, weighed and masked.
template <class F> std::vector<Example> losses(F) {
    return {{"mean", {{3, 5}, {3, 5}}, [](Tape&, Inputs x) { return F{}(x[0], x[1], LossOptions{}); }},
            {"sum, of one target", {{3, 5}, {}}, [](Tape&, Inputs x) { return F{}(x[0], x[1], Over::sum); }},
            {"none", {{3, 5}, {3, 5}}, [](Tape&, Inputs x) { return F{}(x[0], x[1], Over::none); }},
            {"weighed",
             {{3, 5}, {3, 5}, {3, 1}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], x[1], LossOptions{Over::mean, x[2]});
             }},
            {"masked", {{3, 2}, {3, 2}}, [](Tape& tape, Inputs x) {
                 return F{}(x[0], x[1],
                            LossOptions{Over::mean, {}, tape.constant(xt::xarray<double>{{1, 0}, {1, 1}, {0, 0}})});
             }}};
}

}  // namespace

std::vector<Example> MeanSquaredError::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return mse(a, b, how); });
}
std::vector<Example> MeanAbsoluteError::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return mae(a, b, how); });
}
std::vector<Example> Huber::examples() {
    auto out = losses([](Var a, Var b, LossOptions const& how) { return huber(a, b, 0.7, how); });
    out.push_back({"a bound that is learned", {{3, 5}, {5}}, [](Tape&, Inputs x) -> Var {
                       return apply<Huber>(x[0], exp(x[1]));
                   }});
    return out;
}
std::vector<Example> BinaryCrossEntropy::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return bce(sigmoid(a), sigmoid(b), how); });
}
std::vector<Example> BinaryCrossEntropyWithLogits::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return bce_with_logits(a, sigmoid(b), how); });
}
std::vector<Example> KullbackLeibler::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return kl_div(a, exp(b), how); });
}
std::vector<Example> Hinge::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return hinge(a, b, how); });
}
std::vector<Example> PoissonNll::examples() {
    return losses([](Var a, Var b, LossOptions const& how) { return poisson_nll(a, b, how); });
}
std::vector<Example> GaussianNll::examples() {
    return {{"mean", {{3, 5}, {3, 5}, {1, 5}}, [](Tape&, Inputs x) { return gaussian_nll(x[0], x[1], exp(x[2])); }},
            {"none", {{3, 5}, {3, 5}, {3, 1}}, [](Tape&, Inputs x) {
                 return gaussian_nll(x[0], x[1], exp(x[2]), Over::none);
             }}};
}
std::vector<Example> GaussianKl::examples() {
    return {{"to N(0, 1)", {{3, 5}, {3, 5}}, [](Tape&, Inputs x) { return gaussian_kl(x[0], x[1]); }},
            {"to another", {{3, 5}, {3, 5}, {1, 5}, {3, 1}}, [](Tape&, Inputs x) {
                 return gaussian_kl(x[0], x[1], x[2], x[3], Over::none);
             }}};
}
std::vector<Example> CosineLoss::examples() {
    return {{"mean", {{3, 5}, {3, 5}}, [](Tape&, Inputs x) { return cosine(x[0], x[1]); }},
            {"none", {{3, 5}, {3, 5}}, [](Tape&, Inputs x) { return cosine(x[0], x[1], Over::none); }}};
}

}  // namespace unspool::core
