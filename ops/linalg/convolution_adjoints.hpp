// The two adjoints of a convolution as operations: all three are linear in each operand, and each one's adjoints are the other two.
#pragma once
#include <unspool/ops/linalg/convolution.hpp>

namespace unspool::core {

/// What the adjoint g of a convolution with w is for its input, of that shape.
Var convolution_to_input(Convolution const&, Var g, Var w, Shape const& input);
/// What it is for its kernel, where the input is x.
Var convolution_to_kernel(Convolution const&, Var g, Var x, Shape const& kernel);

}  // namespace unspool::core
