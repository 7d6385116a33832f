// Products with derivatives, without the derivatives: each costs a few gradients, however many elements there are.  And the derivatives
// themselves, where those are small.
//
// All is recorded, so that it can be differentiated in its turn.  Errors are those of gradient(); ShapeError where a direction has not the
// shape of what it is a direction of.
#pragma once
#include <span>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

using Vars = std::vector<Var>;

/// ⟨a, b⟩, the sum of all products.  ShapeError for lists of other lengths or shapes, or empty ones.
Var inner(Vars const& a, Vars const& b, Where = Where::here());

/// uᵀ J for each x, J = dy/dx, u of y's shape: a vector–Jacobian product.
Vars vjp(Var y, Vars const& xs, Var u, Where = Where::here());
Var vjp(Var y, Var x, Var u, Where = Where::here());

/// Σ J v, in y's shape, with one v for each x, of its shape: a Jacobian–vector product, the derivative of y along v.  Of a scalar it
/// is ⟨dy/dx, v⟩; else by differentiating uᵀ J by u, in which it is linear: Townsend, "A new trick for calculating Jacobian vector
/// products" (2017).
Var jvp(Var y, Vars const& xs, Vars const& vs, Where = Where::here());
Var jvp(Var y, Var x, Var v, Where = Where::here());
Var jvp(Var y, Params const&, Vars const& vs, Where = Where::here());  ///< by all that are trained

/// H v, in the shape of each x, where H is the Hessian of a scalar by all of them: Pearlmutter, "Fast exact multiplication by the
/// Hessian" (1994).  Who does not differentiate it again has the same for two thirds of the time by `backward`, which records nothing:
/// `backward(inner(gradient(loss, params), vs))`.
Vars hvp(Var loss, Vars const& xs, Vars const& vs, Where = Where::here());
Var hvp(Var loss, Var x, Var v, Where = Where::here());
Vars hvp(Var loss, Params const&, Vars const& vs, Where = Where::here());

/// Jᵀ L J v, where L is the Hessian of the loss by y, and J = dy/dx: Schraudolph, "Fast curvature matrix-vector products for
/// second-order gradient descent" (2002).
Vars gauss_newton(Var loss, Var y, Vars const& xs, Vars const& vs, Where = Where::here());
Vars gauss_newton(Var loss, Var y, Params const&, Vars const& vs, Where = Where::here());

/// dy/dx, of the shape y's + x's: as many gradients as y has elements.
Var jacobian(Var y, Var x, Where = Where::here());
/// d²y/dx² of a scalar y, of the shape x's + x's.
Var hessian(Var y, Var x, Where = Where::here());

/// The parameters that are trained, in the order of `Params::all`, as Vars.
Vars lifted(Tape&, Params const&, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::gauss_newton, core::hessian, core::hvp, core::inner, core::jacobian, core::jvp, core::vjp;

}  // namespace unspool
