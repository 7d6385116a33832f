// The derivatives of the library's elementwise operations as formulas, by operation.
#pragma once
#include <unspool/autograd/formula/operation.hpp>
#include <unspool/autograd/statement/symbol.hpp>

namespace unspool::core {

/// Of one of the library's own; null for another.
Derivation const* derivation_of(Operation const&, std::size_t arity);

}  // namespace unspool::core
