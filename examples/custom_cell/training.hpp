// Training by truncated backpropagation through time: each update sees the next segment of every reader, and goes on from
// the state that the segment before it left.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>
#include <unspool/nn/fit/shards.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>

#include "model.hpp"
#include "readers.hpp"
#include "text.hpp"

namespace custom_cell {

struct Recipe {
    Index updates;                   // there will be
    Index threads = 1;               // each has a part of the readers
    Index readers = 64, steps = 64;  // an update sees so many characters of so many places in the text
    double rate     = 4e-3;          // of learning, at its highest
    double max_norm = 1;             // of the gradients
    double warm_up  = 50;            // updates until the rate is reached

    Index characters() const { return readers * steps; }

    /// The rate rises in the first updates, and then falls to nothing along half a cosine.
    double rate_at(Index update) const {
        double const x = static_cast<double>(update), part = x / static_cast<double>(updates);
        return rate * std::min(1.0, (x + 1) / warm_up) * (0.5 + 0.5 * std::cos(std::numbers::pi * part));
    }
};

template <class Cell> class Trainer {
public:
    Trainer(Model<Cell> const& model, Params const& params, Text const& text, Recipe const& recipe)
        : model_(model), recipe_(recipe), optimiser_(params), shards_(recipe.threads) {
        std::span const seen = std::span(text.numbers).first(static_cast<std::size_t>(text.validation_begin()));
        for (Index k = 0; k < std::min(recipe.threads, recipe.readers); ++k) {
            Shard const s = shards_.part(k, recipe.readers);
            parts_.push_back({Readers(seen, s.begin, s.end, recipe.readers), {}});
        }
    }

    /// Returns the loss before the update, in nats per character.
    double update() {
        auto [loss, gradients] = shards_.run(recipe_.readers, [&](Tape& tape, Shard s) { return this->loss(tape, s); });
        clip_grad_norm(gradients, recipe_.max_norm);
        optimiser_.rate(recipe_.rate_at(done_++));
        optimiser_.step(gradients);
        return loss;
    }

    Index done() const { return done_; }

private:
    struct Part {
        Readers readers;
        Stateful<typename Model<Cell>::State> carried;
    };

    Var loss(Tape& tape, Shard s) {
        auto& [readers, carried]   = parts_[static_cast<std::size_t>(s.number)];
        auto const& [inputs, next] = readers.next(recipe_.steps);
        auto const [logits, state] = model_(tape, inputs, carried.on(tape, model_.cell.zeros(tape, s.size())));
        carried.save(state);
        return cross_entropy(logits, next);
    }

    Model<Cell> const& model_;
    Recipe recipe_;
    Adam optimiser_;
    Shards shards_;
    std::vector<Part> parts_;
    Index done_ = 0;
};

}  // namespace custom_cell
