// Graphs as the bytes of an ONNX file.
#pragma once
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn::onnx {

/// The same model always gives the same bytes.
std::string encoded(Model const&);

}  // namespace unspool::nn::onnx
