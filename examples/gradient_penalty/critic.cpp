#include "critic.hpp"
#include <cmath>
#include <numbers>

namespace gradient_penalty {

namespace {

constexpr std::size_t steps = 16;

struct Critic {
    nn::GRUCell cell;
    nn::Linear out;

    explicit Critic(Params p) : cell(p / "cell", 1, 16), out(p / "out", 16, 1) {}

    /// D of each sequence, the sum of what it says at all steps: [B,1].
    Var operator()(Var xs) const {
        Var const each = out(stack(scan(cell, xs, cell.zeros(xs.tape(), xs.size(1))).outputs));
        return sum(each, 0);
    }
};

/// ‖∂D/∂x‖ of each sequence: [B].  Sequences do not see each other, so one gradient has those of all.
Var norms(Critic const& critic, Var xs) {
    Var const g = gradient(sum(critic(xs)), xs);
    return sqrt(sum(square(g), {0, 2}) + 1e-12);
}

/// Somewhere on the lines from one to the other.
Waves between(Waves const& a, Waves const& b, Random& random) {
    Waves out = a;
    for (std::size_t k = 0; k < a.shape(1); ++k) {
        auto const s = static_cast<float>(random.uniform());
        for (std::size_t t = 0; t < steps; ++t) out(t, k, 0) += s * (b(t, k, 0) - a(t, k, 0));
    }
    return out;
}

}  // namespace

Waves waves(std::size_t batch, Random& random) {
    Waves out = xt::zeros<float>({steps, batch, std::size_t{1}});
    for (std::size_t b = 0; b < batch; ++b) {
        double const a = random.uniform(0.5, 1.5), w = random.uniform(0.3, 1),
                     phase = random.uniform(0, 2 * std::numbers::pi);
        for (std::size_t t = 0; t < steps; ++t)
            out(t, b, 0) = static_cast<float>(a * std::sin(w * static_cast<double>(t) + phase));
    }
    return out;
}

Waves on_a_ramp(Waves xs, double apart) {
    double square = 0;
    for (std::size_t t = 0; t < steps; ++t) square += static_cast<double>((t + 1) * (t + 1));
    for (std::size_t t = 0; t < steps; ++t)
        for (std::size_t b = 0; b < xs.shape(1); ++b)
            xs(t, b, 0) += static_cast<float>(apart * static_cast<double>(t + 1) / std::sqrt(square));
    return xs;
}

Figures learn(Options const& o) {
    Params params(o.seed);
    Critic const critic(params);
    Adam adam(params, {.rate = 5e-3, .beta1 = 0.5, .beta2 = 0.9});
    Scheduler rate(adam, schedule::cosine(o.updates, 0.01));
    Random random(o.seed + 1);
    Tape tape;
    auto const distance = [&](Waves const& a, Waves const& b) -> Var {
        return mean(critic(tape.constant(a))) - mean(critic(tape.constant(b)));
    };
    for (Index u = 0; u < o.updates; ++u) {
        tape.rewind();
        Waves const a = waves(64, random), b = on_a_ramp(waves(64, random), o.apart);
        Var const slopes  = norms(critic, tape.input(between(a, b, random)));
        Var const penalty = mean(square(slopes - 1));
        adam.step(backward(o.penalty * penalty - distance(a, b)));
        rate.step();
    }
    tape.rewind();
    Waves const a = waves(1000, random), b = on_a_ramp(waves(1000, random), o.apart);
    Var const slopes = norms(critic, tape.input(between(a, b, random)));
    return {distance(a, on_a_ramp(a, o.apart)).item(), mean(slopes).item(), std::sqrt(mean(square(slopes - 1)).item())};
}

}  // namespace gradient_penalty
