// What predictions of classes lose, and how it is passed on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>

namespace unspool::core {

namespace {

/// Row i of the last axis.  The operands were made contiguous.
template <class T> std::span<T> row(Array<T> const& a, Index i) {
    return {a.data + i * a.shape.back(), static_cast<std::size_t>(a.shape.back())};
}

/// Stores the losses `of(i, target)`, or makes one of them.
template <Real T, class F> void store_losses(ClassTargets const& of, Array<T> y, F loss) {
    double sum = 0;
    if (of.over == Over::none) std::fill_n(y.data, count(y.shape), T(0));
    of.each([&](Index i, Index target) {
        double const l = loss(i, target);
        sum += l;
        if (of.over == Over::none) y.data[i] = static_cast<T>(l);
    });
    if (of.over != Over::none) *y.data = static_cast<T>(of.over == Over::mean ? sum / of.total : sum);
}

}  // namespace

template <Real T> void CrossEntropy::f(Array<T> y, Array<T const> x) const {
    store_losses<T>(of, y, [&](Index i, Index target) {
        auto const xs = row(x, i);
        auto const n  = normaliser(xs);
        double const hard =
            of.weight(target) * static_cast<double>(-n.log_probability(xs[static_cast<std::size_t>(target)]));
        if (smoothing == 0) return hard;
        double soft = 0;
        for (std::size_t k = 0; k < xs.size(); ++k)
            soft -= of.weight(static_cast<Index>(k)) * static_cast<double>(n.log_probability(xs[k]));
        return (1 - smoothing) * hard + smoothing / static_cast<double>(xs.size()) * soft;
    });
}

template <Real T> void CrossEntropy::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const {
    auto const c     = static_cast<double>(x.shape.back());
    double const all = of.weights.empty() ? c : std::accumulate(of.weights.begin(), of.weights.end(), 0.0);
    of.each([&](Index i, Index target) {
        auto const xs      = row(x, i);
        auto const to      = row(dx, i);
        double const scale = of.share() * static_cast<double>(g.data[of.over == Over::none ? i : 0]);
        double const hard = scale * (1 - smoothing) * of.weight(target), soft = scale * smoothing / c;
        add_exp<T>(to, xs, normaliser(xs), static_cast<T>(hard + soft * all));
        to[static_cast<std::size_t>(target)] -= static_cast<T>(hard);
        for (std::size_t k = 0; smoothing > 0 && k < to.size(); ++k)
            to[k] -= static_cast<T>(soft * of.weight(static_cast<Index>(k)));
    });
}

template <Real T> void Nll::f(Array<T> y, Array<T const> x) const {
    store_losses<T>(of, y, [&](Index i, Index target) {
        return -of.weight(target) * static_cast<double>(row(x, i)[static_cast<std::size_t>(target)]);
    });
}

template <Real T> void Nll::add_adjoint(Array<T> dx, Array<T const> g) const {
    of.each([&](Index i, Index target) {
        row(dx, i)[static_cast<std::size_t>(target)] -=
            static_cast<T>(of.share() * of.weight(target)) * g.data[of.over == Over::none ? i : 0];
    });
}

namespace {

void require_targets(Var const& x, Indices const& targets, Index ignored, std::string_view op, Where where) {
    Shape expected = x.shape(where);
    if (expected.empty()) return;  // the signature will refuse it
    Index const classes = expected.back();
    expected.pop_back();
    if (!(targets.shape == expected))
        throw ShapeError(describe(
            where, op,
            fmt::format("the targets have the shape {} where {} was expected", text(targets.shape), text(expected)),
            "one target for each index of the axes before the last",
            std::array{Shown{label(x), x.shape(where)}, Shown{"targets", targets.shape}}));
    for (std::size_t i = 0; i < targets.numbers.size(); ++i)
        if (Index const t = targets.numbers[i]; t != ignored && (t < 0 || t >= classes))
            throw IndexError(describe(where, op,
                                      fmt::format("target {}, at place {}, is not one of {} classes", t, i, classes),
                                      "", std::array{Shown{label(x), x.shape(where)}}));
}

void require_options(Var const& x, ClassLoss const& how, std::string_view op, Where where) {
    auto const n = static_cast<Index>(how.weights.size());
    if (n > 0 && !x.shape(where).empty() && n != x.shape(where).back())
        throw ShapeError(describe(where, op,
                                  fmt::format("there are {} weights of {} classes", n, x.shape(where).back()), "",
                                  std::array{Shown{label(x), x.shape(where)}}));
    for (double w : how.weights)
        if (!(w >= 0))
            throw ValueError(
                describe(where, op, fmt::format("the weight of a class is {}, and must be at least 0", w), "", {}));
    if (!(how.smoothing >= 0 && how.smoothing <= 1))
        throw ValueError(
            describe(where, op, fmt::format("the smoothing is {}, and must be in [0, 1]", how.smoothing), "", {}));
}

ClassTargets checked(Var const& x, Indices const& targets, ClassLoss const& how, std::string_view op, Where where) {
    require_alive(targets, x.tape(where), op, where);
    require_targets(x, targets, how.ignored, op, where);
    require_options(x, how, op, where);
    ClassTargets out{targets, how.over, how.ignored, x.tape(where).arena().copy(std::span<double const>(how.weights)),
                     0};
    out.each([&](Index, Index target) { out.total += out.weight(target); });
    return out;
}

}  // namespace

Var cross_entropy(Argument logits, Indices const& targets, ClassLoss const& how, Where where) {
    return with_operands(std::array{logits}, CrossEntropy::name, where, [&](Var x) {
        CrossEntropy const op{checked(x, targets, how, CrossEntropy::name, where), how.smoothing};
        return call(op, where, contiguous(x, where.inside()));
    });
}

Var nll(Argument log_probabilities, Indices const& targets, ClassLoss const& how, Where where) {
    return with_operands(std::array{log_probabilities}, Nll::name, where, [&](Var x) {
        if (how.smoothing != 0)
            throw ValueError(describe(where, Nll::name, "smoothing needs logits: use cross_entropy", "", {}));
        Nll const op{checked(x, targets, how, Nll::name, where)};
        return call(op, where, contiguous(x, where.inside()));
    });
}

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

template <class F> std::vector<Example> class_losses(F) {
    return {{"mean",
             {{3, 19}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], std::array{18, 0, 7}, {});
             }},
            {"sum",
             {{3, 5}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], std::array{4, 0, 4}, {Over::sum});
             }},
            {"none",
             {{3, 5}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], std::array{4, 0, 1}, {Over::none});
             }},
            {"some ignored",
             {{4, 3}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], std::array{2, -1, 0, -1}, {Over::mean, -1});
             }},
            {"two axes",
             {{2, 3, 4}},
             [](Tape&, Inputs x) {
                 return F{}(x[0], xt::xarray<int>{{0, 3, 1}, {2, -100, 3}}, {Over::none});
             }},
            {"weights", {{3, 4}}, [](Tape&, Inputs x) {
                 return F{}(x[0], std::array{3, 0, 1}, {Over::mean, 0, {1, 2, 0.5, 3}});
             }}};
}

}  // namespace

std::vector<Example> CrossEntropy::examples() {
    auto out = class_losses([](Var x, auto const& t, ClassLoss const& how) { return cross_entropy(x, t, how); });
    out.push_back({"smoothing", {{3, 4}}, [](Tape&, Inputs x) {
                       return cross_entropy(x[0], std::array{3, 0, 1}, {Over::mean, -100, {1, 2, 0.5, 3}, 0.2});
                   }});
    return out;
}
std::vector<Example> Nll::examples() {
    return class_losses([](Var x, auto const& t, ClassLoss const& how) { return nll(x, t, how); });
}

namespace {

/// A constant [..., c] for each that counts: `weight(target, k)` is what −log p of class k counts in its loss.
template <class F> Var weights_of(ClassTargets const& of, Var x, F weight) {
    Index const c = x.size(-1);
    return x.tape().filled(x.shape(), {}, [&](auto to) {
        std::fill(to.begin(), to.end(), 0);
        of.each([&](Index i, Index target) {
            for (Index k = 0; k < c; ++k)
                to[static_cast<std::size_t>(i * c + k)] =
                    static_cast<typename decltype(to)::value_type>(of.share() * weight(target, k));
        });
    });
}
Var for_each_class(Var g, ClassTargets const& of) { return of.over == Over::none ? unsqueeze(g, -1) : g; }

}  // namespace

Var CrossEntropy::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    Var const weight = weights_of(of, x[0], [&, c = static_cast<double>(x[0].size(-1))](Index target, Index k) {
        return (k == target ? (1 - smoothing) * of.weight(k) : 0) + smoothing / c * of.weight(k);
    });
    return for_each_class(g, of) * (softmax(x[0]) * sum(weight, -1, Reduced::keep) - weight);
}
Var Nll::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    Var const weight = weights_of(of, x[0], [&](Index target, Index k) { return k == target ? of.weight(k) : 0; });
    return -for_each_class(g, of) * weight;
}

}  // namespace unspool::core
