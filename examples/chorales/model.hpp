// A recurrent cell that predicts the notes of the next frame, each with a probability of its own: Boulanger-Lewandowski, Bengio
// and Vincent, "Modeling temporal dependencies in high-dimensional sequences" (2012), with the cells of Chung et al., "Empirical
// evaluation of gated recurrent neural networks on sequence modeling" (2014).
#pragma once
#include "songs.hpp"

namespace chorales {

/// Noise in training: none of it adds parameters.
struct Dropped {
    double state  = 0.2;  ///< of the state, one mask for the whole song (variational dropout)
    double output = 0.2;  ///< of what the output layer sees
};

template <class Cell> struct Model {
    Cell cell;
    nn::Linear out;

    Model(Params p, Index hidden) : cell(p / "cell", notes, hidden), out(p / "out", hidden, notes) {
        nn::init::constant(*out.bias, -3);  // most notes are silent
    }

    /// The logits [T,B,notes] of the frames that follow those of xs [T,B,notes].
    Var operator()(Var xs, Dropped const& p = {}, Random* random = nullptr) const {
        auto const scanned =
            scan(cell, xs, cell.zeros(xs.tape(), xs.size(1)), {.noise = {.dropout = p.state, .random = random}});
        return out(nn::Dropout{p.output}(stack(scanned.outputs), random));
    }
};

/// The negative log-likelihood of a frame, in nats: the sum over its notes, the mean over all frames that there are.
inline Var nll_of_frames(Var logits, auto const& batch) {
    Tape& tape = logits.tape();
    Var mask   = unsqueeze(tape.constant(batch.mask()), -1);
    return bce_with_logits(logits, tape.constant(batch.targets), {Over::sum, {}, mask}) / batch.weight();
}

}  // namespace chorales
