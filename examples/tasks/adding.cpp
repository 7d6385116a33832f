// The adding problem.
#include "learning.hpp"
#include "tasks.hpp"

namespace tasks {

namespace {

constexpr std::size_t steps = 50;

struct Sums {
    xt::xtensor<float, 3> numbers;  // [T,B,2]: numbers in [0, 1), and marks
    xt::xtensor<float, 2> sums;     // [B,1]: of the two that are marked, one in each half
};

Sums sums(Index size, Random& random) {
    auto const batch = static_cast<std::size_t>(size);
    Sums out{xt::zeros<float>({steps, batch, std::size_t{2}}), xt::zeros<float>({batch, std::size_t{1}})};
    for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t t = 0; t < steps; ++t) out.numbers(t, b, 0) = static_cast<float>(random.uniform());
        for (std::size_t half : {std::size_t{0}, steps / 2}) {
            std::size_t const t  = half + random.below(steps / 2);
            out.numbers(t, b, 1) = 1;
            out.sums(b, 0) += out.numbers(t, b, 0);
        }
    }
    return out;
}

}  // namespace

Figure adding(std::uint64_t seed) {
    Params params(seed);
    Model<nn::GRUCell> const model(params, 2, 32, 1);
    auto const loss = [&](Tape& tape, Sums const& s) {
        return mse(model.last(tape.constant(s.numbers)), tape.constant(s.sums));
    };
    learn(params, {.updates = 3000, .rate = 0.005}, seed, sums, loss);

    Tape tape;
    Random random(unseen(seed));
    return {"GRU 32, 3,000 updates", "mean squared error", loss(tape, sums(5000, random)).item(), 0.01, true};
}

}  // namespace tasks
