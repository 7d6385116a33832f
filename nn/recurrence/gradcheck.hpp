// gradcheck(cell): a cell over a few steps, from inputs, states and parameters that the check makes up, or is given.
#pragma once
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::core {

/// What a cell is checked with.
struct CellcheckOptions {
    Index in = 0;  ///< features of the input; 0: `cell.in()`, or the first size that the cell takes
    /// Sequences, and steps of each.
    Index batch = 2, steps = 4;
    /// 2: the gradients of the cell's gradients, by inputs, state and parameters; 3: those of these.
    int order = 1;
    /// The state to start from, one array a part, in their order; none: zeros(), with noise.
    std::vector<GradInput> state = {};
    /// The sequences [steps,batch,...], one for each input of the cell; none: one of noise [steps,batch,in].
    std::vector<GradInput> inputs = {};
    /// Noise on the parameters makes them all different, also those that start at zero.
    GradcheckOptions gradcheck = {.jitter = 0.1};
};

GradReport check_cell(ErasedCell const&, Params const*, CellcheckOptions const&, Where);

template <class C>
GradReport check_any(C const& cell, Params const* params, CellcheckOptions const& options, Where where) {
    constexpr bool steps = Erasable<C>;
    static_assert(steps, "gradcheck(cell) wants `State operator()(Var x, State) const` of the cell, where State "
                         "is what zeros() gives, and is a Var or a struct of Vars");
    if constexpr (Erasable<C>) {
        auto const rank   = options.inputs.empty() ? std::size_t{0} : options.inputs[0].value.dimension();
        Index const batch = rank > 1 ? static_cast<Index>(options.inputs[0].value.shape()[1]) : options.batch;
        return check_cell(erased(cell, batch, where), params, options, where);
    } else return {};
}

/// Checks a cell over several steps of scan(), by the inputs, by each part of the state, and by all parameters that the cell uses:
///
///     BOOST_TEST(gradcheck(cell));
///     BOOST_TEST(gradcheck(cell, {.state = {{"h", h}, {"c", c}}, .inputs = {{"xs", xs}, {"dt", dt}}}));
///
/// A parameter that the cell refers to, and no step uses, is warned about.  ShapeError where the cell takes no input of up to 256
/// features: give `in`; where `state` or `inputs` are not as many as the cell has; ValueError where it has no zeros() and is given
/// no state.
template <class C>
requires(!std::convertible_to<C const&, Differentiable>) GradReport
    gradcheck(C const& cell, Where where = Where::here()) {
    constexpr bool has_zeros = CellWithZeros<C>;
    static_assert(has_zeros, "gradcheck(cell) wants `State zeros(Tape&, Index batch) const` of the cell, where "
                             "State is a Var or a struct with Vars; or give {.state = ...}, or "
                             "check any other by gradcheck(f, inputs)");
    if constexpr (CellWithZeros<C>) return check_any(cell, nullptr, {}, where);
    else return {};
}
/// The same, as options have it.
template <class C>
requires(!std::convertible_to<C const&, Differentiable>) GradReport
    gradcheck(C const& cell, CellcheckOptions const& options, Where where = Where::here()) {
    return check_any(cell, nullptr, options, where);
}
/// The same by all these parameters, whether the cell uses them or not.
template <class C>
requires(!std::convertible_to<C const&, Differentiable>) GradReport
    gradcheck(C const& cell, Params const& params, CellcheckOptions const& options = {}, Where where = Where::here()) {
    return check_any(cell, &params, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::CellcheckOptions, core::gradcheck;

}  // namespace unspool
