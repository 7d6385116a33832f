#include "waves.hpp"
#include <cmath>
#include <numbers>

namespace maml {

namespace {

Stretches stretches(double amplitude, double phase, std::size_t batch, Random& random) {
    Stretches out{xt::zeros<float>({std::size_t{10}, batch, std::size_t{1}}), {}};
    for (std::size_t b = 0; b < batch; ++b) {
        double const begin = random.uniform(-5, 0);
        for (std::size_t t = 0; t < 10; ++t)
            out.times(t, b, 0) = static_cast<float>(begin + 0.5 * static_cast<double>(t));
    }
    out.values = amplitude * xt::sin(out.times + phase);
    return out;
}

/// While it lives, a tape reads parameters as steps down gradients leave them, and what is recorded depends on the
/// parameters by way of these.
class Adapted {
public:
    Adapted(Tape& tape, Params const& params) : tape_(tape) {
        for (Param* p : params.all()) params_.push_back(p), before_.push_back(tape.lift(*p));
        now_ = before_;
    }
    ~Adapted() { read(before_); }
    Adapted(Adapted const&)            = delete;
    Adapted& operator=(Adapted const&) = delete;

    void step(Var loss, double rate, bool first_order) {
        std::vector<Var> const g = gradient(loss, now_);
        for (std::size_t k = 0; k < g.size(); ++k) {
            Var const slope = first_order ? g[k].detach() : g[k];
            now_[k]         = now_[k] - rate * slope;
        }
        read(now_);
    }

private:
    void read(std::vector<Var> const& as) {
        for (std::size_t k = 0; k < as.size(); ++k) tape_.replace(*params_[k], as[k]);
    }

    Tape& tape_;
    std::vector<Param*> params_;
    std::vector<Var> before_, now_;
};

/// After 0, 1, … 5 steps, on 100 waves.
std::vector<double> errors_after_steps(Params const& params, Learner const& learner, double rate) {
    Random random(1'000'003);
    std::vector<double> out(6);
    Tape tape;
    for (int n = 0; n < 100; ++n) {
        tape.rewind();
        Task const task = some_task(random);
        Adapted adapted(tape, params);
        for (std::size_t k = 0; k < 6; ++k) {
            if (k > 0) adapted.step(learner.loss(tape, task.shown), rate, true);
            out[k] += learner.loss(tape, task.asked).item() / 100;
        }
    }
    return out;
}

}  // namespace

Task some_task(Random& random) {
    double const amplitude = random.uniform(0.1, 5), phase = random.uniform(0, std::numbers::pi);
    Stretches shown = stretches(amplitude, phase, 2, random);
    return {std::move(shown), stretches(amplitude, phase, 4, random)};
}

Learner::Learner(Params p, Index hidden) : cell_(p / "cell", 1, hidden), out_(p / "out", hidden, 1) {}

Var Learner::loss(Tape& tape, Stretches const& s) const {
    auto const batch = static_cast<Index>(s.times.shape(1));
    Var const said   = out_(stack(scan(cell_, tape.constant(s.times), cell_.zeros(tape, batch)).outputs));
    return mse(said, tape.constant(s.values));
}

Var loss_behind_a_step(Tape& tape, Params const& params, Learner const& learner, Task const& task, Preparation how,
                       double rate) {
    Adapted adapted(tape, params);
    if (how != Preparation::joint) adapted.step(learner.loss(tape, task.shown), rate, how == Preparation::first_order);
    return learner.loss(tape, task.asked);
}

Errors prepare(Preparation how, std::uint64_t seed, Options const& o) {
    Params params(seed);
    Learner const learner(params, o.hidden);
    Adam adam(params, {.rate = o.rate});
    Scheduler rate(adam, schedule::cosine(o.updates, 0.01));
    Random random(seed + 1);
    Tape tape;
    for (Index u = 0; u < o.updates; ++u) {
        tape.rewind();
        Var loss = tape.constant(0.0);
        for (Index k = 0; k < o.tasks; ++k)
            loss = loss + loss_behind_a_step(tape, params, learner, some_task(random), how, o.inner_rate) / o.tasks;
        Gradients gradients = backward(loss);
        clip_grad_norm(gradients, 10);
        adam.step(gradients), rate.step();
    }
    Errors best{};
    for (double r : {0.003, 0.01, 0.02, 0.05, 0.1, 0.2}) {
        auto const e = errors_after_steps(params, learner, r);
        if (best.one_at == 0 || e[1] < best.one) best.one = e[1], best.one_at = r;
        if (best.five_at == 0 || e[5] < best.five) best.five = e[5], best.five_at = r;
        best.before = e[0];
    }
    return best;
}

}  // namespace maml
