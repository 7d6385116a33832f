// What a file is that is none of the kind that was expected.
#pragma once
#include <string>
#include <string_view>
#include <unspool/nn/files/source.hpp>

namespace unspool::core {

/// "a zip of PyTorch …", and how a safetensors file is made of it; empty if nothing is known of how the file begins.
std::string foreign_format(Source const&);
/// The same of how a file begins that should be an ONNX file, but nothing of what to make of it.
std::string format_beside_onnx(std::string_view);

}  // namespace unspool::core
