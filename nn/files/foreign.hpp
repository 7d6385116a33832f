// What a file is that is no safetensors file.
#pragma once
#include <string>
#include <string_view>
#include <unspool/nn/files/source.hpp>

namespace unspool::core {

/// "a zip of PyTorch …", and how a safetensors file is made of it; empty if nothing is known of how the file begins.
std::string foreign_format(Source const&);
/// The same of what a download may give in place of any file: a page, a pointer, a text; of how it begins.
std::string text_format(std::string_view);

}  // namespace unspool::core
