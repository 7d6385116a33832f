// The second moments of what a weight met, whose Kronecker product stands for its block of the Fisher matrix: Martens
// and Grosse, "Optimizing neural networks with Kronecker-factored approximate curvature" (2015); for recurrent networks
// Martens, Ba and Johnson, "Kronecker-factored curvature approximations for recurrent neural networks" (2018).
#pragma once
#include <unspool/nn/optim/rows.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// A = E[x xᵀ] and G = E[δ δᵀ], where x went into a weight, and δ is the adjoint of what came out: means over all rows,
/// of all steps and sequences, those in the padding too.
///
/// The block is A ⊗ G times the steps of a sequence, if steps are taken to be independent (2018), and δ
/// are the adjoints of the loss of a sequence: those of a mean over a batch are smaller by its size, and G by the
/// square of that.  It is the Fisher matrix where the loss is of targets that are drawn from what the network predicts,
/// and the empirical one where they are those of the data.
struct KroneckerFactors {
    /// [in,in] and [out,out].
    xt::xarray<double> A, G;  ///< [in,in] and [out,out]

    /// ValueError where there are no rows.
    explicit KroneckerFactors(WeightRows const&, Where = Where::here());

    /// Each factor keeps `keep` of what it was, and takes the rest from another: a mean over updates.
    void average(KroneckerFactors const&, double keep);
    /// (G + √γ / π I)⁻¹ d (A + π √γ I)⁻¹ for a gradient d [out,in] of the weight, with the damping γ, where π² is the
    /// mean of the diagonal of A over that of G: 2015, section 6.3.  ShapeError if d has another shape, ValueError
    /// unless γ is above 0.
    xt::xarray<double> precondition(xt::xarray<double> const& d, double damping, Where = Where::here()) const;
    /// The same for the gradient of the weight of these rows among others, in place, however the weight lies.
    void precondition(Gradients&, WeightRows const&, double damping, Where = Where::here()) const;
};

}  // namespace unspool::core

namespace unspool {

using core::KroneckerFactors;

}  // namespace unspool
