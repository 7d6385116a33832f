// Gradient clipping, of Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).
#pragma once
#include <span>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

/// Scales the gradients of all parameters by min(1, max_norm / (norm + 1e-6)), where `norm` is the p-norm of all of them as
/// one vector, and returns `norm`: what it was before.  p may be infinite: the largest magnitude.  As PyTorch, infinite
/// gradients become 0 or NaN, and a NaN makes all NaN: look at what is returned.  ValueError if max_norm is negative or
/// NaN, or p not above zero.
double clip_grad_norm(Gradients&, double max_norm, double p = 2, Where = Where::here());

/// The same for some parameters: `clip_grad_norm(grads, (params / "encoder").all(), 1)`.  NameError for none.
double clip_grad_norm(Gradients&, std::span<Param* const> of, double max_norm, double p = 2, Where = Where::here());

/// The p-norm alone.
double grad_norm(Gradients const&, double p = 2, Where = Where::here());

/// Makes every element of the gradients at most `most` and at least `-most`; NaN stays NaN.  ValueError if `most` is
/// negative or NaN.
void clip_grad_value(Gradients&, double most, Where = Where::here());

/// The same for some parameters.  NameError for none.
void clip_grad_value(Gradients&, std::span<Param* const> of, double most, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::clip_grad_norm, core::clip_grad_value, core::grad_norm;

}  // namespace unspool
