// Compares the gradients of backward() with differences of the function itself, in double.  It records, sweeps and looks at
// nodes as any user may, and knows no operation.
#pragma once
#include <concepts>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <unspool/autograd/gradcheck/report.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>
#include <xtensor/xarray.hpp>
#include <xtensor/xexpression.hpp>

namespace unspool::core {

/// What is checked: a result of any shape, recorded on the tape, of the inputs (and of parameters).
using Differentiable = std::function<Var(Tape&, std::span<Var const> inputs)>;

/// An array to differentiate by, and its name, in formulas and in the report (x0, x1 … where there is none).
struct GradInput {
    std::string name;          ///< "" where there is none
    xt::xarray<double> value;  ///< where the gradient is checked

    /// Converted to double.
    template <class X>
    requires std::is_arithmetic_v<X> || xt::is_xexpression<X>::value GradInput(X const& x) : value(x) {}
    /// With a name.
    template <class X> GradInput(std::string_view called, X const& x) : name(called), value(x) {}
};

/// How gradients are checked.
struct GradcheckOptions {
    static constexpr int automatic = -1;  ///< a value of `directions`

    /// The distance of the differences to begin with, times |x| where that is above 1.  After one step of Richardson's extrapolation,
    /// their error is about step⁴ f⁽⁵⁾/300, and that of rounding about ε f/step.
    double step = 1e-3;
    /// An element is right if backward and numeric value differ by less than `relative` of the larger; right ones are mostly
    /// within 1e-9.  One that differs by no more than rounding explains, plus `absolute` times the largest gradient of the row
    /// (if that is below 1), is not wrong, but unresolved, unless the values are a hundred times as large as that.
    double relative = 1e-6, absolute = 1e-9;
    /// 0: element by element.  Else each input is checked as a whole, along so many random directions with random signs.
    /// automatic: 8 directions for an input of more than `many_elements`, else element by element.
    int directions      = automatic;
    Index many_elements = 2000;                               ///< where `automatic` begins to take directions
    Index max_elements  = std::numeric_limits<Index>::max();  ///< of each input: beyond it, a random choice
    /// The full Jacobian, i.e. each element of the result by itself, for a result of at most so many elements (and a Jacobian of
    /// at most 20 million); and always a sum of all, in which each has a random weight with a random sign, so that mistakes
    /// cannot cancel; a smaller one where its value is more than a thousand times as large as most.
    Index max_results     = 1000;
    double jitter         = 0;  ///< the standard deviation of noise to be added to (the check's copy of) each parameter
    std::uint64_t seed    = 1;  ///< of choices, directions, weights and noise
    Mechanisms mechanisms = {};  ///< of the tape that is checked
};

/// Checks the gradients of `f` by its inputs and by the parameters that it uses:
///
///     gradcheck([&](Tape&, auto x) -> Var { return cell(x[0], x[1]); }, {{"x", x}, {"h0", h0}})
///
/// Parameters stay as they are, and may be float32: `f` meets copies in double.  At a kink (relu at 0) or a jump (floor at 1)
/// there is no derivative: such elements are skipped and reported, if the backward value is within the slopes at the sides.
/// Elements whose gradients cannot be told from rounding are reported as unresolved; the check fails if an input has no others.
/// An input that `f` does not depend on must have gradient zero, and is warned about.  If an element differs, each node of the
/// tape is tested by itself, and those that are wrong are named; if nothing on the tape is, nor beside it, rounding differs, and the element
/// is unresolved.  What `f` throws is passed on; a step or a tolerance that makes no sense is a ValueError.
GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, GradcheckOptions const& = {},
                     Where = Where::here());

/// The same by the inputs and all these parameters, whether `f` uses them or not.
GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, Params const&,
                     GradcheckOptions const& = {}, Where = Where::here());

inline Params const& params_of(Params const& p) { return p; }
template <class M>
requires requires(M const& m) {
    { m.params() } -> std::convertible_to<Params>;
}
Params params_of(M const& model) { return model.params(); }

/// Checks a loss, `(Tape&) -> Var`, by all parameters of a model: Params, or what has `params()`.
template <class Model, class Loss>
requires requires(Model const& m, Loss& loss, Tape& tape) {
    params_of(m);
    { loss(tape) } -> std::convertible_to<Var>;
}
GradReport gradcheck(Model const& model, Loss&& loss, GradcheckOptions const& options = {},
                     Where where = Where::here()) {
    return gradcheck([&](Tape& tape, std::span<Var const>) -> Var { return loss(tape); }, {}, params_of(model), options,
                     where);
}

}  // namespace unspool::core

namespace unspool {

using core::Differentiable, core::GradcheckOptions, core::gradcheck, core::GradInput;

}  // namespace unspool
