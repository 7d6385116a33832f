// Elementwise operations as nodes of ONNX.
#pragma once
#include <optional>
#include <span>
#include <unspool/autograd/formula/operation.hpp>
#include <unspool/nn/onnx/builder.hpp>

namespace unspool::nn::onnx {

/// The value of an operation on values of these names, which broadcast; nothing where ONNX has no such operation.
std::optional<std::string> elementwise(Builder&, Operation const&, std::span<std::string const> operands,
                                       std::string_view wish);

}  // namespace unspool::nn::onnx
