// gradient(): derivatives as Vars, recorded on the tape, to be differentiated, drawn, checked and named like anything else.
#pragma once
#include <initializer_list>
#include <span>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// dy/dx for each x, in its shape: zeros where y does not depend on it.  y is a scalar, or has a seed of its shape, of which
/// sum(seed * y) is differentiated.  An x is an input, a parameter on the tape (`tape.lift(p)`), anything computed from those, or a
/// view.  ShapeError for a y of several elements without a seed, or a seed of another shape; TapeError for a constant; TypeError
/// where an operation on the way has no derivative that can be differentiated again (ctc, and custom operations that give none).
std::vector<Var> gradient(Var y, std::span<Var const> xs, Var seed = {}, Where = Where::here());
inline std::vector<Var> gradient(Var y, std::initializer_list<Var> xs, Var seed = {}, Where where = Where::here()) {
    return gradient(y, std::span(xs.begin(), xs.size()), seed, where);
}
/// By one.
Var gradient(Var y, Var x, Var seed = {}, Where = Where::here());
/// By all parameters that are trained, in the order of `Params::all`.
std::vector<Var> gradient(Var y, Params const&, Var seed = {}, Where = Where::here());

/// The gradient of Σ sum(seed * y), over several y, as far as what was recorded since node `from` goes: of what each x was made is not
/// looked at.
std::vector<Var> gradient_of_sum(std::span<Var const> ys, std::span<Var const> seeds, std::span<Var const> xs,
                                 NodeId from, Where);

}  // namespace unspool::core

namespace unspool {

using core::gradient;

}  // namespace unspool
