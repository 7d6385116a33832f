// The weights of one recurrent layer as PyTorch, ONNX and Keras lay them out: pure functions on arrays.
//
//          LSTM gates   GRU gates   input weights   biases
// PyTorch  i f g o      r z n       [G·H,I]         two, [G·H] each
// ONNX     i o f c      z r h       [D,G·H,I]       one behind the other, [D,2·G·H]
// Keras    i f c o      z r h       [I,G·H]         one, [G·H]; of a GRU with reset_after two, [2,3·H]
//
// (ONNX operators RNN, GRU and LSTM; Keras's SimpleRNN, GRU and LSTM.)  G is 1, 3 or 4, the number of gates.
#pragma once
#include <span>
#include <unspool/autograd/array/shape.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// One layer in one direction, as PyTorch has it, which is also as Unspool has it.
struct RecurrentWeights {
    xt::xarray<double> weight_ih;         ///< [G·H,I]
    xt::xarray<double> weight_hh;         ///< [G·H,H]
    xt::xarray<double> bias_ih, bias_hh;  ///< [G·H]; without elements where there are none
};

struct KerasWeights {
    xt::xarray<double> kernel;            ///< [I,G·H]
    xt::xarray<double> recurrent_kernel;  ///< [H,G·H]
    xt::xarray<double> bias;              ///< [G·H] or [2,3·H]; without elements where there is none
};

/// As the operators RNN, GRU and LSTM have them: D directions, forward first, and gates in ONNX's order.
struct OnnxWeights {
    xt::xarray<double> W;  ///< [D,G·H,I]
    xt::xarray<double> R;  ///< [D,G·H,H]
    xt::xarray<double> B;  ///< [D,2·G·H], those of the input first; without elements where there are none
};

/// Gates of the recurrent weights [G·H,H]: 1, 3 or 4.  ShapeError if they are neither an RNN's, a GRU's nor an LSTM's.
Index gates_in(xt::xarray<double> const& weight_hh);

/// The blocks of an array, of which there are `order.size()` along an axis, in another order: block k of the result is block
/// order[k] of x.  ShapeError unless they are of one size.
xt::xarray<double> blocks_in_order(xt::xarray<double> const& x, std::span<Index const> order, std::size_t axis = 0);

/// From Keras.  A bias of [G·H] becomes bias_ih, and bias_hh zero.  ShapeError where the shapes do not fit together.
RecurrentWeights from_keras(KerasWeights const&);
/// To Keras.  The two biases are added up, but for a GRU with reset_after, which has both.
KerasWeights to_keras(RecurrentWeights const&, bool reset_after = true);

/// From ONNX: one for each direction, forward first.  ShapeError where the shapes do not fit together.
std::vector<RecurrentWeights> from_onnx(OnnxWeights const&);
/// To ONNX.  A GRU's operator needs linear_before_reset=1 with them, or 0 if it applies the reset gate before the product.
OnnxWeights to_onnx(std::span<RecurrentWeights const> directions);

}  // namespace unspool::core

namespace unspool {

using core::KerasWeights, core::OnnxWeights, core::from_keras, core::from_onnx, core::to_keras, core::to_onnx;

}  // namespace unspool
