// The recurrent layers of PyTorch: several layers of a shipped cell, in one direction or both, with PyTorch's parameters.
#pragma once
#include <unspool/nn/cells/gru.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/nn/layers/stacked.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

extern template class Stacked<RNNCell>;
extern template class Stacked<LSTMCell>;
extern template class Stacked<GRUCell>;

/// `nn::LSTM lstm(params / "lstm", in, hidden, {.layers = 2, .bidirectional = true}, {.projection = 5});` has the parameters
/// lstm.weight_ih_l0 …; `auto [ys, state] = lstm(xs, {.lengths = lengths});` takes xs [T,B,in] and gives ys [T,B,D out], and h and c
/// [layers D,B,…].
using RNN  = Stacked<RNNCell>;
using LSTM = Stacked<LSTMCell>;  ///< of LSTMCell: the same
using GRU  = Stacked<GRUCell>;   ///< of GRUCell: the same

}  // namespace unspool::nn
