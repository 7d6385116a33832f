// The derivative of a scan along a direction, carried forward with the state: nothing is kept of the steps that are done, so memory does
// not grow with their number.
#pragma once
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::core {

/// Arrays for what changes, in the order in which the scan has them.  What is left empty stays.
struct ScanDirection {
    std::vector<xt::xarray<double>> inputs = {};  ///< one a sequence, [T,...]
    std::vector<xt::xarray<double>> state  = {};  ///< one a part of the first state
    std::vector<xt::xarray<double>> params = {};  ///< one a parameter that is trained, in the order of Params::all
};

/// A state, part by part, and how it changes.
struct StateAndTangent {
    /// One array a part of the state, each.
    std::vector<xt::xarray<double>> state, tangent;
};

/// Called after each step.
using AfterStep = std::function<void(Index t, StateAndTangent const&)>;

StateAndTangent scan_jvp(ErasedCell const&, Params const&, std::vector<xt::xarray<double>> const& inputs,
                         std::vector<xt::xarray<double>> const& state, ScanDirection const&, AfterStep const&, Where);

/// The last state of a scan over sequences [T,B,...] from a state, and its derivative along a direction: forward, step by step, each by
/// differentiating uᵀ J by u.  In the element type of the parameters.  ShapeError where the arrays are not as many as the cell
/// takes, or not of their shapes; TypeError for an operation that cannot be differentiated again.
template <Erasable C> StateAndTangent jvp(C const& cell, Params const& params,
                                          std::vector<xt::xarray<double>> const& inputs,
                                          std::vector<xt::xarray<double>> const& state, ScanDirection const& direction,
                                          AfterStep const& after_step = {}, Where where = Where::here()) {
    Index const batch = inputs.empty() || inputs[0].dimension() < 2 ? 1 : static_cast<Index>(inputs[0].shape()[1]);
    return scan_jvp(erased(cell, batch, where), params, inputs, state, direction, after_step, where);
}

}  // namespace unspool::core

namespace unspool {

using core::ScanDirection, core::StateAndTangent;

}  // namespace unspool
