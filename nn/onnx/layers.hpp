// Recurrent layers as nodes of ONNX.
#pragma once
#include <unspool/nn/layers/description.hpp>
#include <unspool/nn/onnx/builder.hpp>

namespace unspool::nn::onnx {

/// Names of the values of a layer in all its directions, which take sequences [T,B,...].
struct LayerValues {
    std::string y;  ///< [T,B,features], those of the directions side by side; of the last step alone [B,features]
    std::vector<std::string> states;  ///< [directions,B,...] of each part, after the last step
    std::vector<std::string> names;   ///< of the parts
    std::vector<Shape> shapes;        ///< of the parts, without directions and batch
    Shape features;                   ///< the shape of an output
};

/// What goes in: sequences, and the initial states [directions,B,...] by part; none: what the cells' zeros() give.
struct LayerInputs {
    std::vector<std::string> xs      = {};
    std::vector<Shape> shapes        = {};  ///< of one element of each sequence; none where it is not known
    std::vector<std::string> states  = {};
    std::optional<ClosedSizes> sizes = {};     ///< where they are said, states and shapes are constants
    bool last                        = false;  ///< the outputs after each direction's last step are wanted, not all
};

using Directions = std::span<DescribedCell const>;

/// As the operator RNN, GRU or LSTM; nothing where the cells are of other kinds.
std::optional<LayerValues> as_operator(Builder&, Directions, LayerInputs const&);
/// As the operator Scan, a direction at a time.
LayerValues as_scan(Builder&, Directions, LayerInputs const&, Where);

}  // namespace unspool::nn::onnx
