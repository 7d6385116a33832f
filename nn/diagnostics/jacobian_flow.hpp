// How one state of a recurrence depends on an earlier one, whatever the loss.
#pragma once
#include <iosfwd>
#include <string>
#include <unspool/nn/diagnostics/decay.hpp>
#include <unspool/nn/recurrence/erased_cell.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

struct JacobianFlow {
    /// By step t: ‖∂s_t/∂s_{t−1}‖₂, of which the first is by the initial state, and ‖∂s_T/∂s_t‖₂, where s_T is the last state: the last
    /// of them is 1.
    std::vector<double> step, through;
    std::string part;      ///< of the state: "h"; "" for all of it
    Decay decay;           ///< of `through`
    DecayOptions options;  ///< by which it was judged

    std::string csv() const;              ///< a line a step: t,step,through
    void save(std::string const&) const;  ///< the same as a file.  FileError
};
std::string text(JacobianFlow const&);                         ///< a table
std::ostream& operator<<(std::ostream&, JacobianFlow const&);  ///< as text() says it

/// What of the state is looked at, and how.
struct JacobianFlowOptions {
    std::string part   = {};  ///< of the state: "h" looks at the block ∂h/∂h; "": all parts, end to end
    DecayOptions decay = {};  ///< by which it is judged
};

/// The compiled part.
JacobianFlow jacobian_flow(ErasedCell const&, xt::xarray<double> const& xs, std::vector<xt::xarray<double>> state,
                           JacobianFlowOptions const&, Where);

/// Along a sequence xs [T,B,in], in double, from a state, one array [B,…] for each of its parts, or from zeros.
///
/// The Jacobian of each step is computed whole: one reverse sweep over as many copies of the step as the state has features, S.  So
/// the cost is that of a step with S·B sequences, and S³ for the product and for each norm, for each step: meant for states of up
/// to some hundreds of features.  Of a batch, the norm is the largest among its sequences, which the cell must not mix.  The
/// Jacobians and their norms are exact to rounding.  ShapeError for sequences that the cell does not take, NameError for
/// a part that the state lacks.
template <CellWithZeros C> JacobianFlow jacobian_flow(C const& cell, xt::xarray<double> const& xs,
                                                      JacobianFlowOptions const& options = {},
                                                      Where where                        = Where::here()) {
    return jacobian_flow(erased(cell, xs.dimension() > 1 ? static_cast<Index>(xs.shape()[1]) : 1, where), xs, {},
                         options, where);
}
/// From a state.
template <CellWithZeros C>
JacobianFlow jacobian_flow(C const& cell, xt::xarray<double> const& xs, std::vector<xt::xarray<double>> state,
                           JacobianFlowOptions const& options = {}, Where where = Where::here()) {
    return jacobian_flow(erased(cell, xs.dimension() > 1 ? static_cast<Index>(xs.shape()[1]) : 1, where), xs,
                         std::move(state), options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::JacobianFlow, core::JacobianFlowOptions, core::jacobian_flow;

}  // namespace unspool
