// The adding problem.
#include "learning.hpp"
#include "sums.hpp"
#include "tasks.hpp"

namespace tasks {

namespace {

Sums fifty_steps(Index batch, Random& random) { return sums(50, static_cast<std::size_t>(batch), random); }

}  // namespace

Figure adding(std::uint64_t seed) {
    Params params(seed);
    Model<nn::GRUCell> const model(params, 2, 32, 1);
    auto const loss = [&](Tape& tape, Sums const& s) {
        return mse(model.last(tape.constant(s.numbers)), tape.constant(s.sums));
    };
    learn(params, {.updates = 3000, .rate = 0.005}, seed, fifty_steps, loss);

    Tape tape;
    Random random(unseen(seed));
    return {"GRU 32, 3,000 updates", "mean squared error", loss(tape, fifty_steps(5000, random)).item(), 0.01, true};
}

}  // namespace tasks
