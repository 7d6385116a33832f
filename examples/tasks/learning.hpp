// How all tasks here are learned: every update sees new sequences, and the rate falls along a cosine.
#pragma once
#include <unspool.hpp>

namespace tasks {

using namespace unspool;

struct Learning {
    Index updates = 1000, batch = 64;
    double rate = 0.01;
};

/// A cell and a layer on top of it.
template <class Cell> struct Model {
    Cell cell;
    nn::Linear out;

    template <class... More> Model(Params p, Index in, Index hidden, Index n, More const&... more)
        : cell(p / "cell", in, hidden, more...), out(p / "out", hidden, n) {}

    auto run(Var xs, ScanOptions const& options = {}) const {
        return scan(cell, xs, cell.zeros(xs.tape(), xs.size(1)), options);
    }
    /// What is predicted at every step of xs [T,B,in]: [T,B,n].
    Var each(Var xs) const { return out(stack(run(xs).outputs)); }
    /// What is predicted after the last one: [B,n].
    Var last(Var xs, ScanOptions const& options = {}) const { return out(output_of(run(xs, options).state)); }
};

/// `loss(tape, batch)` of batches that `make(size, random)` makes.
template <class Make, class Loss>
void learn(Params const& params, Learning const& how, std::uint64_t seed, Make make, Loss loss) {
    Adam adam(params, {.rate = how.rate});
    Scheduler rate(adam, schedule::cosine(how.updates, 0.01));
    Random random(seed);
    Tape tape;
    for (Index u = 0; u < how.updates; ++u) {
        tape.rewind();
        Gradients gradients = backward(loss(tape, make(how.batch, random)));
        clip_grad_norm(gradients, 1);
        adam.step(gradients);
        rate.step();
    }
}

/// A seed for sequences that training has not seen.
constexpr std::uint64_t unseen(std::uint64_t seed) { return seed + 1'000'003; }

}  // namespace tasks
