// The gradients of each sequence of a batch, from one sweep: Goodfellow, "Efficient per-example gradient computations"
// (2015), for arrays of any number of steps.  None of them is formed unless it is asked for: norms and weighted sums
// come from the rows that weights met.
#pragma once
#include <unspool/nn/optim/rows.hpp>
#include <unspool/nn/optim/split_gradients.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// How much the gradients of single sequences differ: McCandlish et al., "An empirical model of large-batch training"
/// (2018), appendix A.
struct NoiseScale {
    double trace;         ///< tr Σ, of the covariance of the gradients of single sequences
    double squared_norm;  ///< |G|², of their expectation; an estimate without bias, which may be below 0

    double simple() const { return trace / squared_norm; }  ///< the batch at which noise and signal are equal
};

/// Values on the tape are [B,…], [T,B,…], or [T B,…] with sequences in turn.  A parameter may meet them in products, in
/// elementwise terms, in tables and the like.  What cannot be split is an error that names the parameter: ShapeError
/// where it is read by what has no axis of B, or several; ValueError where it is read by what is the same for all
/// sequences, such as the product of two weights.
///
/// It is taken for granted that no sequence sees another: `require_separate` tests it.
class PerSequence {
public:
    /// Of losses [B], one a sequence: else ShapeError.
    explicit PerSequence(Var const& losses, Where = Where::here());
    /// Of a scalar that is a sum of parts, one a sequence.  The gradients are those of the parts: where the loss is a
    /// mean over the batch, `PerSequence(batch * loss, batch)` has those of what the mean is of.
    PerSequence(Var const& sum, Index sequences, Where = Where::here());

    Index sequences() const { return sequences_; }      ///< in the batch
    GradientRows const& rows() const { return rows_; }  ///< what gradients of single sequences are made of

    /// Of a parameter, [B, …].  TypeError if the element type is another.
    template <Real T> xt::xarray<T> gradients(Param const&, Where = Where::here()) const;
    std::vector<double> squared_norms(Param const&) const;  ///< of each sequence, of a parameter
    std::vector<double> norms() const;                      ///< of each sequence, of all parameters as one vector

    /// Σ weight_b g_b, of all parameters, for an optimiser; until the next call.  Gradients of inputs are those of the
    /// plain sum. ValueError unless there is a weight for each sequence.
    Gradients& sum(std::span<double const> weights, Where = Where::here());
    Gradients& sum();
    /// Σ g_b / max(1, |g_b| / most): what differential privacy adds noise to.  Abadi et al., "Deep learning with
    /// differential privacy" (2016), algorithm 1; without forming gradients, and without another sweep, as Li et al.,
    /// "Large language models can be strong differentially private learners" (2022), and Bu et al., "Differentially
    /// private optimization on large model at small cost" (2023).  ValueError unless most is above 0.
    Gradients& clipped_sum(double most, Where = Where::here());
    NoiseScale noise_scale(Where = Where::here());  ///< ValueError of one sequence

private:
    PerSequence(Var const&, void const* seed, Index sequences, Where);
    template <Real T> void write(Param const&, Index b, T* to) const;
    WeightRows const* only_rows(Param const&) const;
    bool better_as_gram(WeightRows const&) const;
    std::vector<double> squares(std::span<Param const* const>) const;

    Index sequences_;
    GradientRows rows_ = GradientRows::beside_gradients();
    Gradients gradients_;
    SplitGradients split_;
};

/// ValueError unless a weighted sum of the losses [B] has the gradients that the rows say, for weights at random: one
/// sweep more.  For a test, as `gradcheck` is: it finds sequences that see each other, and axes that are not where
/// `PerSequence` believes.
void require_separate(Var const& losses, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::NoiseScale, core::PerSequence, core::require_separate;

}  // namespace unspool
