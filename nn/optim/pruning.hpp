// Pruning by magnitude, of Han et al., "Learning both weights and connections for efficient neural networks" (2015).
#pragma once
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

/// Makes the weights of least magnitude zero, and keeps them so.
///
///     Pruning pruning({&params["lstm.weight_ih_l0"], &params["lstm.weight_hh_l0"]});
///     pruning.prune(0.8);
///     for (…) pruning.mask(gradients), adam.step(gradients), pruning.apply();
class Pruning {
public:
    /// The fraction is that of each parameter, or of all elements together, compared with each other.
    enum class By { parameter, all };

    /// For all parameters of a model or of a part of it, also those that are made before prune(), or for a list.  NameError if two
    /// have one path, TypeError if their element types differ.
    explicit Pruning(ParamSet);
    Pruning(Pruning&&)            = default;
    Pruning& operator=(Pruning&&) = default;

    /// So much of the weights is zero from now on, ⌊fraction · n + ½⌋ of n; what was pruned before stays pruned.  Of equal
    /// magnitudes the first goes first; NaN counts as infinite.  ValueError unless the fraction is in [0, 1]; NameError where there is
    /// nothing to prune.
    void prune(double fraction, By = By::all, Where = Where::here());

    /// Makes pruned weights zero again, whatever they are.  After each step of the optimiser, whose momentum and decay would move them.
    /// TapeError, as of prune(), if a parameter of a list is gone: nothing is changed then.
    void apply(Where = Where::here());
    /// Makes the gradients of pruned weights zero, so that they do not count when gradients are clipped.  NameError for those of
    /// another model.
    void mask(Gradients&, Where = Where::here()) const;

    Index pruned() const;     ///< so many weights are
    double sparsity() const;  ///< the part of all that is pruned

    void fields(Fields);

private:
    struct Pair {
        Param *param, *mask;  // 1 for what stays, 0 for what is pruned
    };

    void follow();
    void require_alive(Where) const;  // TapeError if one of the parameters is gone

    ParamSet params_;
    Params masks_;
    std::vector<Pair> pairs_;
};

}  // namespace unspool::core

namespace unspool {

using core::Pruning;

}  // namespace unspool
