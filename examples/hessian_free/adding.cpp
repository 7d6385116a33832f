#include "adding.hpp"
#include <ctime>

namespace hessian_free {

namespace {

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The error on the same 1,000 sequences each time.
double error(Adder const& adder, Tape& tape, std::size_t steps) {
    Random unseen(1'000'003);
    tape.rewind();
    Pause const pause(tape);
    Run const run = adder.run(tape, sums(steps, 1000, unseen));
    return mse(run.predicted, run.wanted).item();
}

}  // namespace

Adder::Adder(Params p, Index hidden) : cell_(p / "cell", 2, hidden), out_(p / "out", hidden, 1) {
    nn::init::orthogonal(cell_.gates.U.weight, p.random());
    cell_.gates.W.bias->assign(0.0), cell_.gates.U.bias->assign(0.0);
}

Run Adder::run(Tape& tape, Sums const& s) const {
    auto const batch = static_cast<Index>(s.sums.shape(0));
    auto [hs, last]  = scan(cell_, tape.constant(s.numbers), cell_.zeros(tape, batch));
    return {out_(last), stack(hs), tape.constant(s.sums)};
}

Result by_hessian_free(Training const& how, std::function<void(Progress const&, double error)> const& report) {
    Params params(how.seed);
    Adder const adder(params, how.hidden);
    HessianFree optimiser(params, how.options);
    Random random(how.seed + 1);
    auto const steps = static_cast<std::size_t>(how.steps), batch = static_cast<std::size_t>(how.batch);
    Tape tape;
    Result out{error(adder, tape, steps), 0, 0, 0, 0};
    double const begin = seconds();
    while (out.updates < how.updates && out.error > how.enough) {
        Sums const s     = sums(steps, batch, random);
        Progress const p = optimiser.step([&](Tape& t) { return adder.run(t, s); });
        out.error        = error(adder, tape, steps);
        ++out.updates, out.products += p.products, out.losses += p.losses;
        if (report) report(p, out.error);
    }
    out.seconds = seconds() - begin;
    return out;
}

Result by_adam(Training const& how, double rate, double most) {
    Params params(how.seed);
    Adder const adder(params, how.hidden);
    Adam adam(params, {.rate = rate});
    Random random(how.seed + 1);
    auto const steps = static_cast<std::size_t>(how.steps);
    Tape tape;
    Result out{};
    double const begin = seconds();
    while ((out.seconds = seconds() - begin) < most) {
        tape.rewind();
        Run const run       = adder.run(tape, sums(steps, 64, random));
        Gradients gradients = backward(mse(run.predicted, run.wanted));
        clip_grad_norm(gradients, 1);
        adam.step(gradients), ++out.updates;
    }
    out.error = error(adder, tape, steps);
    return out;
}

}  // namespace hessian_free
