// Whether the names of a graph make sense.
#pragma once
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn::onnx {

/// FileError, which says where, unless each value of the graph, and of those within, has a name of its own and is made before it is read.
void require_names(Graph const&, std::string const& file);

}  // namespace unspool::nn::onnx
