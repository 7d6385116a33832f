// What a file is that is no safetensors file.
#pragma once
#include <string>
#include <unspool/nn/files/source.hpp>

namespace unspool::core {

/// "a zip of PyTorch …", and how a safetensors file is made of it; empty if nothing is known of how the file begins.
std::string foreign_format(Source const&);

}  // namespace unspool::core
