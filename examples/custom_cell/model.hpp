// A language model of characters: embedding, a recurrent cell, and a prediction of the next character.
#pragma once
#include <unspool/nn/nn.hpp>

namespace custom_cell {

using namespace unspool;

template <class Cell> struct Model {
    using State = nn::StateOf<Cell>;

    nn::Embedding embedding;
    Cell cell;
    nn::Linear out;
    std::string cell_name;

    Model(Params p, Index symbols, Index width, Index hidden, std::string const& name)
        : embedding(p / "embedding", symbols, width)
        , cell(p / name, width, hidden)
        , out(p / "out", hidden, symbols)
        , cell_name(name) {}

    struct Prediction {
        Var logits;   // [T,B,symbols]: of what follows each input
        State state;  // after the last step
    };
    /// For inputs [T,B].
    Prediction operator()(Tape& tape, IntegerArray auto const& inputs, State const& before) const {
        Var xs           = embedding(tape, inputs);
        auto [hs, state] = scan(cell, xs, before, cell_name);
        Var logits       = out(stack(hs));
        return {logits, state};
    }
};

}  // namespace custom_cell
