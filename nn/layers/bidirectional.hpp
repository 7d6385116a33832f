// Two cells over the same sequence, from both ends: Schuster and Paliwal, "Bidirectional recurrent neural networks" (1997).
#pragma once
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// The outputs [T,B,2 out] are those of both directions side by side, forward first.
template <class C> class Bidirectional {
public:
    /// Of both directions.
    struct State {
        /// Each of its own direction.
        typename Layer<C>::State forward, backward;
    };

    /// Two cells made alike, below the paths "forward" and "backward".
    template <class... More> explicit Bidirectional(Params p, At in, Index hidden, More const&... more)
        : forward(cell_of_layer<C>(in.where, p / "forward", in.i, hidden, more...))
        , backward(cell_of_layer<C>(in.where, p / "backward", in.i, hidden, more...), true) {}

    /// Both directions over xs [T,B,in]: outputs [T,B,out], and the last state of each.
    Run<State> operator()(Var xs, Given<State> const& given = {}, Where where = Where::here()) const {
        using Part = Given<typename Layer<C>::State>;
        Attempt const attempt(xs.tape(where));
        Part there{.lengths         = given.lengths,
                   .random          = given.random,
                   .record          = given.record,
                   .noise           = given.noise,
                   .memory          = given.memory,
                   .recompute_every = given.recompute_every},
            back = there;
        if (given.state) there.state = given.state->forward, back.state = given.state->backward;
        auto const run = [&](Layer<C> const& layer, char const* called, Part const& part) {
            RecordedLayer const recorded(given.record, called);
            return layer(xs, part, where);
        };
        auto const a = run(forward, "forward", there), b = run(backward, "backward", back);
        return {concat({a.outputs, b.outputs}, -1, where.inside()), {a.state, b.state}};
    }

    LayerDescription description() const {
        return {.cells      = {described(forward.cell, "forward", false), described(backward.cell, "backward", true)},
                .directions = 2};
    }

    /// One from the first step on, and one from the last.
    Layer<C> forward, backward;
};

}  // namespace unspool::nn
