// Forward and backward variables of connectionist temporal classification.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/losses/ctc.hpp>

namespace unspool::core {

namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return std::nan("");
    double const top = std::max(a, b);
    return top == impossible ? top : top + std::log1p(std::exp(std::min(a, b) - top));
}

/// Logarithms of probabilities, one for each time and place in the path.
class Lattice {
public:
    template <class T> Lattice(Array<T const> const& x, Ctc::Sequence const& q, Index b, Index blank)
        : q_(q), blank_(blank), n_(q.path.size()), emitted_(size()), alpha_(size(), impossible) {
        for (Index t = 0; t < q.length; ++t)
            for (std::size_t s = 0; s < n_; ++s)
                emitted_[place(t, s)] =
                    static_cast<double>(x.data[t * x.strides[0] + b * x.strides[1] + q[s] * x.strides[2]]);
        forward();
    }

    /// Of all alignments.
    double total() const {
        if (q_.length == 0) return n_ == 1 ? 0 : impossible;
        double const last = alpha_[place(q_.length - 1, n_ - 1)];
        return n_ == 1 ? last : log_add(last, alpha_[place(q_.length - 1, n_ - 2)]);
    }
    /// Calls `f(t, s, probability)` that the alignment is at s at the time t, given the target.
    template <class F> void each_posterior(F f) const {
        double const all = total();
        std::vector<double> beta(n_), later(n_);  // what follows the time t, from each place
        for (Index t = q_.length; t-- > 0; std::swap(beta, later)) {
            for (std::size_t s = 0; s < n_; ++s)
                beta[s] = t + 1 == q_.length ? (s + 2 >= n_ ? 0 : impossible) : after(later, t, s);
            for (std::size_t s = 0; s < n_; ++s) f(t, s, std::exp(alpha_[place(t, s)] + beta[s] - all));
        }
    }

private:
    std::size_t size() const { return static_cast<std::size_t>(q_.length) * n_; }
    std::size_t place(Index t, std::size_t s) const { return static_cast<std::size_t>(t) * n_ + s; }

    void forward() {
        for (Index t = 0; t < q_.length; ++t)
            for (std::size_t s = 0; s < n_; ++s)
                alpha_[place(t, s)] = (t == 0 ? (s < 2 ? 0 : impossible) : before(t, s)) + emitted_[place(t, s)];
    }
    double before(Index t, std::size_t s) const {
        double out = alpha_[place(t - 1, s)];
        if (s >= 1) out = log_add(out, alpha_[place(t - 1, s - 1)]);
        return q_.may_skip(s, blank_) ? log_add(out, alpha_[place(t - 1, s - 2)]) : out;
    }
    double after(std::vector<double> const& later, Index t, std::size_t s) const {
        auto next  = [&](std::size_t to) { return later[to] + emitted_[place(t + 1, to)]; };
        double out = next(s);
        if (s + 1 < n_) out = log_add(out, next(s + 1));
        return s + 2 < n_ && q_.may_skip(s + 2, blank_) ? log_add(out, next(s + 2)) : out;
    }

    Ctc::Sequence const& q_;
    Index blank_;
    std::size_t n_;
    std::vector<double> emitted_, alpha_;
};

}  // namespace

Shape Ctc::result(std::span<Window const* const>) const {
    return over == Over::none ? Shape{std::ssize(sequences)} : Shape{};
}

double Ctc::share(Sequence const& q) const {
    if (over != Over::mean) return 1;
    return 1 / (static_cast<double>(std::max(Index{1}, q.classes)) * static_cast<double>(sequences.size()));
}

template <Real T> void Ctc::f(Array<T> y, Array<T const> x) const {
    double sum = 0;
    for (std::size_t b = 0; b < sequences.size(); ++b) {
        double const log_p = Lattice(x, sequences[b], static_cast<Index>(b), blank).total();
        double const loss  = zero_infinity && log_p == impossible ? 0 : -log_p;
        sum += share(sequences[b]) * loss;
        if (over == Over::none) y.data[b] = static_cast<T>(loss);
    }
    if (over != Over::none) *y.data = static_cast<T>(over == Over::mean && sequences.empty() ? std::nan("") : sum);
}

template <Real T> void Ctc::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> x) const {
    for (std::size_t b = 0; b < sequences.size(); ++b) {
        Sequence const& q = sequences[b];
        Lattice const lattice(x, q, static_cast<Index>(b), blank);
        if (zero_infinity && lattice.total() == impossible) continue;
        double const scale = share(q) * static_cast<double>(g.data[over == Over::none ? b : 0]);
        lattice.each_posterior([&](Index t, std::size_t s, double p) {
            dx.data[t * dx.strides[0] + static_cast<Index>(b) * dx.strides[1] + q[s] * dx.strides[2]] -=
                static_cast<T>(scale * p);
        });
    }
}

namespace {

template <class E> [[noreturn]] void refuse(Var const& x, std::string const& what, Where where) {
    throw E(describe(where, Ctc::name, what, "", std::array{Shown{label(x), x.shape(where)}}));
}

void require_classes(Var const& x, std::vector<Index> const& target, std::size_t b, Index blank, Where where) {
    Index const classes = x.shape(where)[2];
    for (Index c : target)
        if (c == blank) refuse<IndexError>(x, fmt::format("{}, in target {}, is the blank", c, b), where);
        else if (c < 0 || c >= classes)
            refuse<IndexError>(x, fmt::format("{}, in target {}, is not one of {} classes", c, b, classes), where);
}

void require_sequences(Var const& x, std::vector<std::vector<Index>> const& targets, CtcLoss const& how, Where where) {
    Index const steps = x.shape(where)[0], batch = x.shape(where)[1], classes = x.shape(where)[2];
    if (std::ssize(targets) != batch)
        refuse<ShapeError>(x, fmt::format("there are {} targets of {} sequences", targets.size(), batch), where);
    if (!how.lengths.empty() && std::ssize(how.lengths) != batch)
        refuse<ShapeError>(x, fmt::format("there are {} lengths of {} sequences", how.lengths.size(), batch), where);
    if (how.blank < 0 || how.blank >= classes)
        refuse<IndexError>(x, fmt::format("the blank, {}, is not one of {} classes", how.blank, classes), where);
    for (Index n : how.lengths)
        if (n < 0 || n > steps) refuse<IndexError>(x, fmt::format("the length {} is not in [0, {}]", n, steps), where);
    for (std::size_t b = 0; b < targets.size(); ++b) require_classes(x, targets[b], b, how.blank, where);
}

std::span<Index const> with_blanks(Arena& arena, std::vector<Index> const& target, Index blank) {
    std::vector<Index> path(1, blank);
    for (Index c : target) path.insert(path.end(), {c, blank});
    return arena.copy(std::span<Index const>(path));
}

}  // namespace

Var ctc(Argument log_probabilities, std::vector<std::vector<Index>> const& targets, CtcLoss const& how, Where where) {
    return call_on(log_probabilities, Ctc::name, where, [&](Var const& x) {
        if (x.shape(where).rank() == 3) require_sequences(x, targets, how, where);  // else the signature will refuse it
        std::vector<Ctc::Sequence> sequences;
        for (std::size_t b = 0; b < targets.size() && x.shape(where).rank() == 3; ++b)
            sequences.push_back({how.lengths.empty() ? x.shape(where)[0] : how.lengths[b], std::ssize(targets[b]),
                                 with_blanks(x.tape(where).arena(), targets[b], how.blank)});
        return Ctc{x.tape(where).arena().copy(std::span<Ctc::Sequence const>(sequences)), how.over, how.blank,
                   how.zero_infinity};
    });
}

std::vector<Example> Ctc::examples() {
    using Inputs = std::span<Var const>;
    return {{"mean",
             {{5, 2, 4}},
             [](Tape&, Inputs x) {
                 return ctc(log_softmax(x[0]), {{1, 2}, {3}});
             }},
            {"repeated classes",
             {{6, 1, 3}},
             [](Tape&, Inputs x) {
                 return ctc(x[0], {{1, 1, 2}}, Over::sum);
             }},
            {"lengths, another blank, and an empty target", {{4, 3, 3}}, [](Tape&, Inputs x) {
                 return ctc(x[0], {{0, 1}, {}, {1}}, {Over::none, 2, {4, 2, 3}});
             }}};
}

}  // namespace unspool::core
