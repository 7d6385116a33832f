// The reverse sweep of a statement's formula, recorded.
#pragma once
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/tape/differentiation.hpp>

namespace unspool::core {

/// What the adjoint g of a statement makes of those of its leaves.
void differentiate_statement(Statement const&, Node const&, Differentiation&);

}  // namespace unspool::core
