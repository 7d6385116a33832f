// Losses of predicted classes: of logits, and of log-probabilities.
#pragma once
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/ops/arrays/indices.hpp>

namespace unspool::core {

/// What becomes of the losses of the single predictions.
enum class Over : std::uint8_t { mean, sum, none };

/// How predictions of classes are judged.
struct ClassLoss {
    Over over     = Over::mean;        ///< the mean is over those that count, each as much as its target's weight
    Index ignored = -100;              ///< a target that does not count
    std::vector<double> weights = {};  ///< of the classes: ones, if there are none
    double smoothing            = 0;   ///< this part of each target is spread over all classes
};

/// The same in the memory of a tape.
struct ClassTargets {
    Indices targets;                  ///< [...]: a class each
    Over over;                        ///< what becomes of the losses
    Index ignored;                    ///< a target that does not count
    std::span<double const> weights;  ///< of the classes; none: ones
    double total;                     // of the weights of those that count

    template <class F> void each(F f) const {  ///< f(i, target) for all that count
        for (std::size_t i = 0; i < targets.numbers.size(); ++i)
            if (targets.numbers[i] != ignored) f(static_cast<Index>(i), targets.numbers[i]);
    }
    double weight(Index target) const {
        return weights.empty() ? 1 : weights[static_cast<std::size_t>(target)];
    }                                                                             ///< of the class
    double share() const { return over == Over::mean ? 1 / total : 1; }           ///< of a loss in the result
    Shape shape() const { return over == Over::none ? targets.shape : Shape{}; }  ///< of the result

    /// What a mean is over, for parts of a batch.
    std::optional<Averaged> averages() const {
        return over == Over::mean ? std::optional(Averaged{total, count(targets.shape)}) : std::nullopt;
    }
};

struct CrossEntropy {
    ClassTargets of;
    double smoothing;

    static constexpr auto name           = "cross_entropy";
    static constexpr Signature signature = "[...,c] -> [?]";
    static constexpr About about{
        "−log softmax(x)[target]", "softmax(x) − onehot(target)", "Var y = cross_entropy(x, std::array{2, 0, 1});",
        "x [..., c] logits; mean, sum or none; class weights, an ignored target, label smoothing"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const>) const { return of.shape(); }
    std::optional<Averaged> averages() const { return of.averages(); }
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g, x); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const;
    std::vector<Equation> arguments() const { return {"targets"}; }
};

struct Nll {
    ClassTargets of;

    static constexpr auto name           = "nll";
    static constexpr Signature signature = "[...,c] -> [?]";
    static constexpr About about{"−x[target]", "−onehot(target)", "Var y = nll(log_softmax(x), std::array{2, 0, 1});",
                                 "x [..., c] log-probabilities; mean, sum or none; class weights, an ignored target"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const>) const { return of.shape(); }
    std::optional<Averaged> averages() const { return of.averages(); }
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g) const;
    std::vector<Equation> arguments() const { return {"targets"}; }
};

/// Softmax cross-entropy with integer targets, in nats: `logits` [...,c], `targets` an xtensor array or range of integers
/// of the shape [...] in [0, c), or `ignored`.  A mean of no prediction is NaN.  With smoothing ε and weights w, a
/// prediction's loss is (1-ε) w_t l_t + ε/c Σ w_k l_k, where l_k = -log softmax(x)[k] (Szegedy et al. 2016).
/// ShapeError if the shapes differ, IndexError for a target that is not a class, ValueError for options that make no sense.
Var cross_entropy(Argument logits, Indices const& targets, ClassLoss const& = {}, Where = Where::here());
template <IntegerArray X>
Var cross_entropy(Argument logits, X const& targets, ClassLoss const& how = {}, Where where = Where::here()) {
    return cross_entropy(logits, indices(common_tape({&logits, 1}, CrossEntropy::name, where), targets), how, where);
}
template <IntegerArray X>
Var cross_entropy(Argument logits, X const& targets, Over over, Index ignored = -100, Where where = Where::here()) {
    return cross_entropy(logits, targets, ClassLoss{over, ignored}, where);
}

/// The same of log-probabilities.  ValueError where there is to be smoothing.
Var nll(Argument log_probabilities, Indices const& targets, ClassLoss const& = {}, Where = Where::here());
template <IntegerArray X>
Var nll(Argument log_probabilities, X const& targets, ClassLoss const& how = {}, Where where = Where::here()) {
    return nll(log_probabilities, indices(common_tape({&log_probabilities, 1}, Nll::name, where), targets), how, where);
}

template <IntegerArray X>
Var nll(Argument log_probabilities, X const& targets, Over over, Index ignored = -100, Where where = Where::here()) {
    return nll(log_probabilities, targets, ClassLoss{over, ignored}, where);
}

}  // namespace unspool::core

namespace unspool {

using core::ClassLoss, core::ClassTargets, core::Over, core::cross_entropy, core::nll;

}  // namespace unspool
