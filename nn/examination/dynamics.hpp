// What a cell does to its state through time: Jacobians, Lyapunov exponents, gates.
#pragma once
#include <unspool/nn/diagnostics/jacobian_flow.hpp>
#include <unspool/nn/diagnostics/lyapunov.hpp>
#include <unspool/nn/diagnostics/saturation.hpp>
#include <unspool/nn/examination/examined_cell.hpp>
#include <unspool/nn/examination/possible.hpp>

namespace unspool::core {

/// How far the state is followed.
struct DynamicsOptions {
    std::vector<Shape> inputs = {};   ///< of each input, without the batch; none: what the cell takes
    Index steps               = 100;  ///< of noise, along which all is measured; for exponents, as many go before
    Index exponents           = 8;    ///< the so many largest, if there are as many
    Index most_features       = 512;  ///< of a state whose Jacobians are computed whole
    std::uint64_t seed        = 1;    ///< of the noise
};

/// With the weights as they are now.
struct Dynamics {
    Possible<JacobianFlow> jacobians;     ///< of the state, through time
    Possible<LyapunovSpectrum> spectrum;  ///< Lyapunov exponents
    /// Of what an equation of the cell, or the cell's own record(), calls by a name and makes of σ, and of tanh: the share of activations below
    /// 0.1 and above 0.9, and below −0.9 and above 0.9.
    Possible<Saturation> gates, squashed;
};

Dynamics dynamics_of(ExaminedCell const&, DynamicsOptions const&, Where);

/// What cannot be had for a cell is left out, with the reason.
template <CellWithZeros C>
requires Erasable<C> Dynamics dynamics(C const& cell, DynamicsOptions const& options = {},
                                       Where where = Where::here()) {
    return dynamics_of(examined_cell(cell), options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::Dynamics, core::dynamics, core::DynamicsOptions;

}  // namespace unspool
