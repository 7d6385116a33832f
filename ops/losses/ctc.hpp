// Connectionist temporal classification: the loss of a sequence of predictions whose alignment with the target is unknown.
#pragma once
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>

namespace unspool::core {

struct CtcLoss {
    Over over   = Over::mean;  ///< the mean is over the sequences, each divided by the length of its target first
    Index blank = 0;           ///< the class that stands for nothing
    std::vector<Index> lengths = {};     ///< of the sequences: T each, if there are none
    bool zero_infinity         = false;  ///< sequences too short for their targets count 0, and not +∞
};

/// Graves et al., "Connectionist temporal classification" (2006), equations 6 to 15, in log space and in double.
struct Ctc {
    /// One sequence: its length, and its target with a blank before, between and behind the classes.
    struct Sequence {
        Index length, classes;
        std::span<Index const> path;
        Index operator[](std::size_t s) const { return path[s]; }
        bool may_skip(std::size_t s, Index empty) const { return s >= 2 && path[s] != empty && path[s] != path[s - 2]; }
    };
    std::span<Sequence const> sequences;
    Over over;
    Index blank;
    bool zero_infinity;

    static constexpr auto name           = "ctc";
    static constexpr Signature signature = "[t,b,c] -> [?]";
    static constexpr About about{
        "−log of the sum of the probabilities of all alignments",
        "minus the probability that the class is emitted at the time",
        "Var y = ctc(log_softmax(unsqueeze(x, 1)), {{1, 2}});",
        "x [T, B, C] log-probabilities; +∞, with NaN gradients, if a sequence is too short, or 0 if asked for; "
        "ctc_decode reads the classes off"};
    static std::vector<Example> examples();
    Shape result(std::span<Window const* const>) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g, x); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const;
    std::vector<Equation> arguments() const { return {"targets"}; }
    std::optional<Averaged> averages() const {
        auto const n = std::ssize(sequences);
        return over == Over::mean ? std::optional(Averaged{static_cast<double>(n), n}) : std::nullopt;
    }

private:
    double share(Sequence const&) const;
};

/// `targets` holds one list of classes for each of the B sequences.  ShapeError unless there are as many; IndexError for
/// a class that there is not, or that is the blank, and for a length beyond T.
Var ctc(Argument log_probabilities, std::vector<std::vector<Index>> const& targets, CtcLoss const& = {},
        Where = Where::here());
/// As CtcLoss has it otherwise.
inline Var ctc(Argument log_probabilities, std::vector<std::vector<Index>> const& targets, Over over,
               Where where = Where::here()) {
    return ctc(log_probabilities, targets, CtcLoss{over}, where);
}

}  // namespace unspool::core

namespace unspool {

using core::CtcLoss, core::ctc;

}  // namespace unspool
