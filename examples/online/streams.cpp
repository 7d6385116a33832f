// The same networks by three methods.
#include <cmath>
#include <limits>
#include <memory>
#include <online/streams.hpp>
#include <optional>

namespace streams {

namespace {

/// One step after the other, whatever the method.
template <class Cell> class Learning {
public:
    Learning(Method how, Cell const& cell, Params const& params, Optimiser& optimiser) : optimiser_(optimiser) {
        if (how == Method::rtrl) learner_ = std::make_unique<Rtrl>(cell, params);
        else learner_ = std::make_unique<Snap>(cell, params, 1);
    }
    double step(xt::xarray<double> const& x, OnlineLearner::Loss const& loss_of) {
        auto const [loss, gradients] = learner_->step(x, loss_of);
        optimiser_.step(gradients);
        return loss;
    }

private:
    std::unique_ptr<OnlineLearner> learner_;
    Optimiser& optimiser_;
};

struct Bits {
    std::vector<double> xs;

    Bits(Index n, Random& random) {
        for (Index t = 0; t < n; ++t) xs.push_back(random.uniform() < 0.5 ? -1 : 1);
    }
    xt::xarray<double> at(Index begin, Index end) const {
        xt::xarray<double> out = xt::zeros<double>({end - begin, Index{1}, Index{1}});
        std::copy(xs.begin() + begin, xs.begin() + end, out.begin());
        return out;
    }
    double answer(Index t, EchoOptions const& o) const {
        if (t < o.steps / 2) return t < o.delay ? 0 : xs[static_cast<std::size_t>(t - o.delay)];
        return -xs[static_cast<std::size_t>(t - o.delay_later)];
    }
};

double mean_of(std::vector<double> const& x, Index begin, Index end) {
    double sum = 0;
    for (Index t = begin; t < end; ++t) sum += x[static_cast<std::size_t>(t)];
    return sum / static_cast<double>(end - begin);
}

/// s' = A s ± θ
struct Chain {
    Param &theta, &A, &signs;

    Chain(Params p, BalanceOptions const& o)
        : theta(p.constant("theta", {1}, 0.1)), A(p.fixed("A", halves(o.units))), signs(p.fixed("signs", pushes(o))) {}
    Index in() const { return 1; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, signs.shape()[0]}); }
    Var operator()(Var, Var s) const { return linear(s, A) + theta * signs; }

private:
    static xt::xarray<double> halves(Index n) {
        xt::xarray<double> a = xt::zeros<double>({n, n});
        for (Index i = 0; i < n; ++i) a(i, i) = 0.5, a(i, std::min(i + 1, n - 1)) = 0.5;
        a(n - 1, n - 1) = 0.5;
        return a;
    }
    static xt::xarray<double> pushes(BalanceOptions const& o) {
        xt::xarray<double> out = -xt::ones<double>({o.units});
        for (Index i = 0; i < o.pushed; ++i) out(i) = 1;
        return out;
    }
};

Var off_balance(Var s) { return sum(square(slice(s, -1, 0, 1) - 1)) / 2; }

}  // namespace

EchoErrors echo(Method how, EchoOptions const& o) {
    Params params(o.seed);
    nn::GRUCell const gru(params / "gru", 1, o.hidden);
    nn::Linear const out(params / "out", o.hidden, 1);
    Adam adam(params, {.rate = o.rate});
    Bits const bits(o.steps, params.random());
    std::vector<double> errors;
    auto const loss = [&](Var h, Index t) { return Var(mean(square(out(h) - bits.answer(t, o)))); };
    if (how == Method::truncated) {
        Tape tape;
        Stateful<Var> state;
        truncated_bptt(
            tape, gru, o.steps, {1, o.truncation}, state,
            [&](Index begin, Index end) { return tape.constant(bits.at(begin, end)); },
            [&](std::span<Var const> hs, Index t) { return loss(hs.back(), t); },
            [&](Gradients const& g, double error) { adam.step(g), errors.push_back(error); });
    } else {
        Learning learning(how, gru, params, adam);
        for (Index t = 0; t < o.steps; ++t) {
            xt::xarray<double> const x = xt::ones<double>({1, 1}) * bits.xs[static_cast<std::size_t>(t)];
            errors.push_back(learning.step(x, [&](Var h) { return loss(h, t); }));
        }
    }
    Index const tenth = o.steps / 10, middle = o.steps / 2;
    return {mean_of(errors, middle - tenth, middle), mean_of(errors, middle, middle + tenth),
            mean_of(errors, o.steps - tenth, o.steps)};
}

double balance(Method how, BalanceOptions const& o) {
    constexpr double lost = 1e6;
    Params params(1, float64);
    Chain const chain(params, o);
    Sgd sgd(params, {.rate = o.rate});
    xt::xarray<double> const nothing = xt::zeros<double>({1, 1});
    std::vector<double> losses;
    if (how == Method::truncated) {
        Tape tape(float64);
        Stateful<Var> state;
        truncated_bptt(
            tape, chain, o.steps, {o.truncation, o.truncation}, state,
            [&](Index begin, Index end) {
                return tape.zeros({end - begin, 1, 1});
            },
            [&](std::span<Var const> all, Index) {
                Var total = off_balance(all[0]);
                for (Var const& s : all.subspan(1)) total = total + off_balance(s);
                return total;
            },
            [&](Gradients const& g, double total) {
                if (!(losses.empty() || losses.back() < lost)) return;
                losses.insert(losses.end(), static_cast<std::size_t>(o.truncation),
                              total / static_cast<double>(o.truncation));
                sgd.step(g);
            });
    } else {
        Learning learning(how, chain, params, sgd);
        for (Index t = 0; t < o.steps; ++t) losses.push_back(learning.step(nothing, off_balance));
    }
    if (!(losses.back() < lost)) return std::numeric_limits<double>::infinity();
    auto const n = std::ssize(losses);
    return mean_of(losses, n - n / 10, n);
}

}  // namespace streams
