// What a training of a cell meets on a batch: noise, curvature, and how far one step leads.
#pragma once
#include <functional>
#include <span>
#include <unspool/nn/examination/examined_cell.hpp>
#include <unspool/nn/examination/possible.hpp>
#include <unspool/nn/optim/per_sequence.hpp>

namespace unspool::core {

/// A loss for each sequence, [batch], of outputs [steps,batch,…] and the inputs that they are outputs for.
using SequenceLoss = std::function<Var(Var ys, std::span<Var const> xs)>;

/// One step in a direction, as far as the quadratic model says that has a Gauss–Newton matrix for its curvature, and half as far as long as
/// that makes the loss no smaller.
struct LearningStep {
    double before;   ///< the loss where it begins
    double after;    ///< and where it ends
    std::string by;  ///< what the direction is made of
};

/// With the weights as they are now.
struct Learning {
    Index sequences = 0;                        ///< in the batch
    Index steps     = 0;                        ///< of each
    Possible<NoiseScale> noise;                 ///< of the gradient of the mean loss
    Possible<std::vector<double>> eigenvalues;  ///< of the Hessian of the mean loss, as `hessian_eigenvalues` has them
    /// Along the gradient; by a Gauss–Newton matrix and conjugate gradients; along the gradient divided by Kronecker factors.
    Possible<LearningStep> plain, hessian_free, kronecker;
};

/// A batch, and what should be said of it.
class Lesson {
public:
    /// Without a loss: the squared distance, a mean over steps and features, to what the cell says with the numbers of each parameter in
    /// another order, or with half of a single one.  Without sequences, 32 of noise, of 8 steps.  ShapeError unless there is an array
    /// [steps,batch,…] for each input, of the same steps and batch, at least 1.
    Lesson(ExaminedCell const&, Params const&, std::vector<Shape> const& inputs,
           std::vector<xt::xarray<double>> sequences, SequenceLoss, Where);

    Index sequences() const { return static_cast<Index>(xs_[0].shape(1)); }
    Index steps() const { return static_cast<Index>(xs_[0].shape(0)); }
    struct Heard {
        Var ys, losses;
    };
    /// Recorded, of the cell as it is now.  ShapeError unless the loss gives one number for each sequence.
    Heard operator()(Tape&) const;

private:
    Var outputs(Tape&, std::vector<Var> const& xs) const;

    ExaminedCell const& cell_;
    std::vector<xt::xarray<double>> xs_;
    SequenceLoss loss_;
    Where where_;
};

Learning learning_of(Lesson const&, Params const&, Where);

}  // namespace unspool::core

namespace unspool {

using core::Learning, core::LearningStep, core::SequenceLoss;

}  // namespace unspool
