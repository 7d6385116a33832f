// Log-probabilities and the losses made of them.
#pragma once
#include <tuple>
#include <unspool/autograd/call.hpp>
#include <unspool/autograd/example.hpp>
#include <unspool/autograd/indices.hpp>

namespace unspool {

/// x - log(sum(exp(x))) along the last axis, stable for large x.
struct LogSoftmax {
    static constexpr auto       name      = "log_softmax";
    static constexpr Signature  signature = "[...,c] -> [...,c]";
    static std::vector<Example> examples();
    template <Real T> void      f(Array<T> y, Array<T const> x) const;
    template <Real T> auto      adjoints(Array<T const> g, Array<T const> y, Array<T const>) const {
             return std::tuple{[=](Array<T> dx) { add_adjoint<T>(dx, g, y); }};  // dx = g - softmax(x) sum(g)
    }
    template <Real T> static void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y);
};

/// What becomes of the losses of the single predictions.
enum class Over : std::uint8_t { mean, sum, none };

/// -log(softmax(x))[target] for each prediction, i.e. for each index of the axes before the last.
struct CrossEntropy {
    Indices targets;
    Over    over;
    Index   ignored;  // a target that does not count
    Index   counted;  // how many do

    static constexpr auto       name      = "cross_entropy";
    static constexpr Signature  signature = "[...,c] -> [?]";
    static std::vector<Example> examples();
    Shape                       result(std::span<Window const* const> xs) const;
    template <Real T> void      f(Array<T> y, Array<T const> x) const;
    template <Real T> auto      adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
             return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g, x); }};  // dx = (softmax(x) - onehot) g
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const;
    std::string            arguments() const { return "targets"; }
};

/// Along the last axis.
Var log_softmax(Var x, Where = Where::here());

/// Softmax cross-entropy with integer targets, in nats: `logits` [...,c], `targets` an xtensor array or range of integers
/// of the shape [...] in [0, c), or `ignored` for predictions that do not count.  The mean is over those that count
/// (NaN if none does).  ShapeError if the shapes differ, IndexError for a target that is not a class.
Var cross_entropy(Var logits, Indices const& targets, Over = Over::mean, Index ignored = -100, Where = Where::here());
template <IntegerArray X>
Var cross_entropy(Var logits, X const& targets, Over over = Over::mean, Index ignored = -100, Where where = Where::here()) {
    return cross_entropy(logits, indices(logits.tape(), targets), over, ignored, where);
}

}  // namespace unspool
