// Copy memory.  What stays in a state that is turned, and neither shrunk nor squashed, can be read off later: a linear recurrence
// that begins with an orthogonal matrix (Henaff, Szlam and LeCun, "Recurrent orthogonal networks and long-memory tasks", 2016).
#include <cmath>

#include "learning.hpp"
#include "tasks.hpp"

namespace tasks {

namespace {

constexpr std::size_t recalled = 10, between = 20, steps = between + 2 * recalled;
constexpr Index kinds = 8, now = kinds + 1, alphabet = kinds + 2;

struct Copies {
    xt::xtensor<Index, 2> inputs, targets;  // [T,B]
};

/// Ten symbols, 20 blanks, of which the last is the sign to begin, and ten more; the targets are blanks, then the ten symbols.
Copies copies(Index size, Random& random) {
    auto const batch = static_cast<std::size_t>(size);
    Copies out{xt::zeros<Index>({steps, batch}), xt::zeros<Index>({steps, batch})};
    for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t k = 0; k < recalled; ++k)
            out.inputs(k, b) = out.targets(steps - recalled + k, b) = 1 + static_cast<Index>(random.below(kinds));
        out.inputs(steps - recalled - 1, b) = now;
    }
    return out;
}

}  // namespace

Figure copying(std::uint64_t seed) {
    Params params(seed);
    Model<nn::RNNCell> const model(params, alphabet, 128, kinds + 1, nn::RNNCellOptions{.activation = nn::identity});
    nn::init::orthogonal(model.cell.gates.U.weight, params.random());
    auto const loss = [&](Tape& tape, Copies const& c) {
        return cross_entropy(model.each(one_hot(tape, c.inputs, alphabet)), c.targets);
    };
    learn(params, {.updates = 1000, .rate = 0.001}, seed, copies, loss);

    Tape tape;
    Random random(unseen(seed));
    double const memoryless = recalled * std::log(kinds) / steps;
    return {"linear RNN 128, orthogonal, 1,000 updates", "cross entropy of a step",
            loss(tape, copies(2000, random)).item(), memoryless / 10, true};
}

}  // namespace tasks
