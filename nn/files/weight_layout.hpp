// Named arrays of recurrent layers in PyTorch's, ONNX's and Keras's names and layouts.
#pragma once
#include <cstdint>
#include <string>
#include <unspool/nn/files/gate_orders.hpp>
#include <vector>

namespace unspool::core {

/// Whose names and layout the recurrent layers of a file have:
///
///     pytorch  weight_ih_l0  weight_hh_l0      bias_ih_l0, bias_hh_l0   (…_reverse)
///     keras    l0.kernel     l0.recurrent_kernel  l0.bias               (l0_reverse.…)
///     onnx     l0.W          l0.R              l0.B                     both directions
///
/// each after the name of a module and a dot.  What is read may lack the `l0.`; names of other forms, such as Keras's own
/// "lstm/lstm_cell/kernel:0", are for `rename`.  Arrays of other layers are as they are.
enum class WeightLayout : std::uint8_t { pytorch, onnx, keras };

struct NamedArray {
    std::string name;
    xt::xarray<double> array;
};

/// ShapeError, which names the layer, where shapes do not fit together; NameError where a layer lacks an array.
std::vector<NamedArray> from_dialect(std::vector<NamedArray>, WeightLayout);
/// The same, and ShapeError where there is a projection or anything else of a layer that the dialect has no place for.
std::vector<NamedArray> to_dialect(std::vector<NamedArray>, WeightLayout, bool reset_after = true);

}  // namespace unspool::core

namespace unspool {

using core::WeightLayout;

}  // namespace unspool
