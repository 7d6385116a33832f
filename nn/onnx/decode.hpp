// The bytes of an ONNX file as graphs.  Whoever wrote them may mean harm.
#pragma once
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn::onnx {

/// FileError, "f.onnx: byte 17: …", unless the bytes are a model of operators of ONNX itself, of opset 7 to 22, whose tensors are of
/// known types and have the bytes that their shapes ask for, and in which each name is made once, before it is read.  It takes memory
/// in proportion to the bytes.  `file` is what errors call it.
Model decoded(std::string_view bytes, std::string const& file);

}  // namespace unspool::nn::onnx
