// Layers by the names that Keras has for them, and starting as they do there: what they need to know of the layer before, nn::Sequential
// tells them.
#pragma once
#include <unspool/nn/cells/gru.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/nn/layers/sequential.hpp>
#include <unspool/nn/layers/stacked.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/embedding.hpp>
#include <unspool/nn/modules/linear.hpp>

namespace unspool::keras {

using namespace core;
using nn::Dropout, nn::Input;

/// Of shipped cells of so many units, and of Dense: kernels start as Glorot and Bengio (2010) say, recurrent ones orthogonal, biases at 0.
void start(Params const& of_layer, Index units);
void start_forget_gates(Params const& of_lstm, nn::LSTMCellOptions const&);
/// ValueError unless the layer before says how many features it gives.
Index known(Index in, std::string_view layer, Where);

/// A row for each symbol, which starts uniform on ±0.05.
struct Embedding {
    static constexpr auto name = "Embedding";
    /// Symbols, and features of each.
    Index count, dim;

    struct Made {
        nn::Embedding embedding;
        Var operator()(Tape& tape, Indices const& ids, Where where) const { return embedding(tape, ids, where); }
        Index out() const { return embedding.weight.shape()[1]; }
        nn::Embedding const& stepped() const { return embedding; }
        nn::LayerDescription description() const { return {.rows = &embedding.weight}; }
    };
    Embedding(Index n, Index features) : count(n), dim(features) {}  ///< n symbols
    Made make(Params p, Index in, Where) const;                      ///< for Sequential: the parameters are made
};

/// f(W x + b); of a sequence, at each step.
struct Dense {
    static constexpr auto name = "Dense";
    Index units;                ///< features of the output
    nn::Activation activation;  ///< f; none: the identity

    struct Made {
        static constexpr bool at_each_step = true;
        nn::Linear linear;
        nn::Activation f;
        Index in() const { return linear.in(); }
        Var operator()(Var x, Where where) const {
            Var const y(linear(x, where), where);
            return f ? f(y) : y;
        }
        Index out() const { return linear.out(); }
    };
    explicit Dense(Index n, nn::Activation f = {}) : units(n), activation(std::move(f)) {}  ///< so many units
    /// For Sequential: with parameters below p, for `in` features.
    Made make(Params p, Index in, Where) const;
};

/// The state after the last step of each sequence, or the outputs of all steps; of any cell: `keras::Recurrent<Mgu>(32)`, which starts
/// as it does by itself.  The forget gates of an LSTM start with a bias of 1.
template <class Cell> struct Recurrent {
    /// As Keras has them.
    struct Options {
        bool return_sequences = false;  ///< all steps
        bool bidirectional    = false;  ///< the features of both directions side by side, forward first
        Index layers          = 1;      ///< one above the other
        double dropout        = 0;      ///< between layers
        typename nn::CellOptions<Cell>::type cell = {};  ///< of each cell
    };
    Index units;      ///< features of the state of one direction
    Options options;  ///< as they were given

    struct Made {
        nn::Stacked<Cell> net;
        bool sequences;

        nn::Passed operator()(nn::Passed const& in, Where where) const {
            nn::Passed out = in;
            auto const run = net(in.x, {.lengths = in.lengths, .random = in.random, .memory = in.memory}, where);
            out.x          = sequences ? run.outputs : last(output_of(run.state), where);
            if (!sequences) out.lengths = {};
            return out;
        }
        Index out() const { return net.directions() * net.layers().back().cell.out(); }
        nn::Stacked<Cell> const& stepped() const { return net; }
        nn::LayerDescription description() const {
            nn::LayerDescription out = net.description();
            out.last                 = !sequences;
            return out;
        }

    private:
        /// Of the last layer, both directions side by side.
        Var last(Var states, Where where) const {
            Var const forward = states[At(-net.directions(), where)];
            return net.directions() == 1 ? forward : concat({forward, states[At(-1, where)]}, -1, where.inside());
        }
    };
    explicit Recurrent(Index n, Options o = {}) : units(n), options(std::move(o)) {}  ///< so many features of the state
    /// For Sequential: with parameters below p, for `in` features.
    Made make(Params p, Index in, Where where) const {
        nn::StackedOptions const how{
            .layers = options.layers, .bidirectional = options.bidirectional, .dropout = options.dropout};
        Made made{nn::Stacked<Cell>(p, known(in, nn::name_of_layer<Cell>(), where), units, how, options.cell, where),
                  options.return_sequences};
        if constexpr (!std::same_as<typename nn::CellOptions<Cell>::type, nn::NoOptions>) start(p, units);
        if constexpr (std::same_as<Cell, nn::LSTMCell>) start_forget_gates(p, options.cell);
        return made;
    }
};
/// By the names and defaults of Keras.
struct LSTM : Recurrent<nn::LSTMCell> {
    static constexpr auto name = "LSTM";
    using Recurrent::Recurrent;
};
/// By the names and defaults of Keras.
struct GRU : Recurrent<nn::GRUCell> {
    static constexpr auto name = "GRU";
    using Recurrent::Recurrent;
};
/// By the names and defaults of Keras.
struct SimpleRNN : Recurrent<nn::RNNCell> {
    static constexpr auto name = "SimpleRNN";
    using Recurrent::Recurrent;
};

/// `keras::Bidirectional(keras::LSTM(32))`
template <class Layer> Layer Bidirectional(Layer layer) {
    layer.options.bidirectional = true;
    return layer;
}

}  // namespace unspool::keras
