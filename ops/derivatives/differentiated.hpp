// Functions that gradient checks are given, differentiated first: so is a second derivative checked.
#pragma once
#include <unspool/autograd/gradcheck/gradcheck.hpp>

namespace unspool::core {

/// All gradients of a function end to end, of a weighed sum of its result, by its inputs and by the parameters that it uses and that are
/// trained: `gradcheck(differentiated(f), inputs)` compares its second derivatives with differences of its first.
Differentiable differentiated(Differentiable f);

}  // namespace unspool::core

namespace unspool {

using core::differentiated;

}  // namespace unspool
