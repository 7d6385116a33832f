// The activation functions that ONNX's recurrent operators know by name.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/modules/activation.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <vector>

namespace unspool::nn::onnx {

/// Are two words the same but for capitals?  Exporters write "Tanh" and "tanh".
bool same_word(std::string_view, std::string_view);

/// What an operator's attributes say of activation functions.
struct Activations {
    std::vector<std::string> names = {};
    std::vector<double> alpha = {}, beta = {};  ///< each for the functions that have one, in their order
    std::optional<double> clip = {};            ///< bounds what goes into each
};

/// The functions: Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, HardSigmoid, Elu, Softsign or Softplus.
/// Values that are not given are those of the operator of that name; Affine and ScaledTanh, which have none, must be given theirs.
/// ValueError for another name, for values that are missing or left over, and unless clip is above 0.
std::vector<Activation> functions_of(std::string_view op, Activations const&, Where = Where::here());

}  // namespace unspool::nn::onnx
