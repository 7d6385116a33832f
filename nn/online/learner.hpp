// Gradients of a recurrent network while it runs: no tape of the past, and no end to wait for.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/nn/recurrence/stepped_cell.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

class Influence;

/// What a learner goes through time with.
struct OnlineOptions {
    Index batch                = 1;   ///< sequences at a time
    std::optional<Dtype> dtype = {};  ///< of what is computed; none: that of the parameters
};

/// What a step has cost, and its gradients: those of this loss, by way of all steps since the last reset.
struct OnlineStep {
    double loss;          ///< of this step
    Gradients gradients;  ///< by all parameters that are trained
};

/// What all of those below have in common.  Each steps through time with a cell, one input at a time, and carries with
/// the state how that depends on the parameters: ∂s_t/∂θ = J_t ∂s_{t−1}/∂θ + ∂s_t/∂θ of the step alone.  All works on
/// whole states of any parts, of N elements, batch and all: sequences of a batch may see each other.
///
/// The gradients are for an optimiser.  They are for weights that stay as they are; after an update, what was carried
/// on is of the weights before it, as usual.  Parameters are those in `params` that are trained; which of them the cell
/// reads may change from step to step.  The cell must outlive the learner.
class OnlineLearner {
public:
    using Loss = std::function<Var(Var output)>;  ///< a scalar of the output of a step

    /// One step of x [batch,…], of the cell's inputs if it takes several.  The loss is a scalar, of the cell's output;
    /// it may have parameters of its own: `learner.step(x, [&](Var h) { return mse(out(h), y); })`.  ShapeError for
    /// inputs or a loss of other shapes, and where a step changes the shape of the state; whatever is thrown, the
    /// learner is as it was.
    OnlineStep step(xt::xarray<double> const& x, Loss const& loss, Where where = Where::here()) {
        return step(std::vector{x}, loss, where);
    }
    OnlineStep step(std::vector<xt::xarray<double>> const& inputs, Loss const&, Where = Where::here());
    /// A step of which nothing is wanted.
    void step(xt::xarray<double> const& x, Where where = Where::here()) { step(std::vector{x}, where); }
    void step(std::vector<xt::xarray<double>> const& inputs, Where = Where::here());

    /// A new sequence begins: from what the cell's zeros() gives, which may depend on parameters, and from step 0.
    void reset(Where = Where::here());
    /// For sequence b of the batch alone; the number of the step goes on.  IndexError for none of the batch, ShapeError
    /// where a part of the state is not [batch,…].
    void reset(Index b, Where = Where::here());

    Index steps() const { return t_; }                 ///< since the last reset of all
    xt::xarray<double> state(std::string_view) const;  ///< a part of it, "h".  NameError for no name of one
    xt::xarray<double> output() const;                 ///< of the last step

    OnlineLearner(OnlineLearner&&) noexcept;
    OnlineLearner& operator=(OnlineLearner&&) = delete;
    ~OnlineLearner();

protected:
    /// What is kept of the past is up to `Influence`.
    OnlineLearner(SteppedCell, Params const&, std::unique_ptr<Influence>, OnlineOptions const&, Where);

private:
    struct Tapes;
    using Arrays = std::vector<xt::xarray<double>>;
    Arrays advance(Arrays const& inputs, Where);
    OnlineStep judge(Arrays const& state, Loss const&, Where);
    void start(std::vector<bool> const& rows);

    SteppedCell cell_;
    Params params_;
    Dtype dtype_;
    std::unique_ptr<Influence> influence_;
    std::unique_ptr<Tapes> tapes_;  // which are rewound at each step
    Index batch_, t_ = 0;
    Arrays state_;
};

/// Real-time recurrent learning (Williams and Zipser 1989): exactly what backpropagation through all steps gives.  N ·
/// P numbers for P parameters, N sweeps of a step and N² · P products, of which those with a 0 in J are left out.
/// `Rtrl learner(cell, params);`
class Rtrl : public OnlineLearner {
public:
    /// Of this cell, by those of the parameters that are trained.  ValueError for a batch below 1,
    /// TypeError where the state is more than Vars.
    template <CellWithZeros C>
    Rtrl(C const& cell, Params const& params, OnlineOptions const& options = {}, Where where = Where::here())
        : Rtrl(stepped_cell(cell), params, options, where) {}
    /// The compiled part.
    Rtrl(SteppedCell, Params const&, OnlineOptions const&, Where);
};

/// SnAp-n (Menick, Elsen, Evci, Osindero, Simonyan and Graves 2021): keeps of ∂s_i/∂θ_p what reaches s_i within n steps,
/// as the graph of a step says, whatever its values.  Exact where nothing reaches it later: SnAp-1 of states whose units
/// do not see each other, SnAp-2 of states where each sees all.  Of the products of Rtrl, it makes those of what it
/// keeps; sweeps and memory are the same.  ValueError unless n ≥ 1.
class Snap : public OnlineLearner {
public:
    /// `order` is n.
    template <CellWithZeros C> Snap(C const& cell, Params const& params, Index order = 1,
                                    OnlineOptions const& options = {}, Where where = Where::here())
        : Snap(stepped_cell(cell), params, order, options, where) {}
    /// The compiled part.
    Snap(SteppedCell, Params const&, Index order, OnlineOptions const&, Where);
};

/// Eligibility traces, e-prop 1 (Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass 2020): of ∂s/∂θ, what
/// each unit has of itself, within the unit.  What goes by way of the output, where the state has other parts, is left
/// out: the c of an LSTM, the potential of a spiking unit.
class EProp : public OnlineLearner {
public:
    /// As Rtrl.
    template <CellWithZeros C>
    EProp(C const& cell, Params const& params, OnlineOptions const& options = {}, Where where = Where::here())
        : EProp(stepped_cell(cell), params, options, where) {}
    /// The compiled part.
    EProp(SteppedCell, Params const&, OnlineOptions const&, Where);
};

/// UORO (Tallec and Ollivier 2018): a guess of ∂s/∂θ by two vectors, N + P numbers and a few sweeps a step, that is
/// right on average, and the more at random the longer it goes on.  Of a batch, one guess is for all sequences
/// together.  `random` must outlive it.
class Uoro : public OnlineLearner {
public:
    /// As Rtrl; guesses are drawn from `random`.
    template <CellWithZeros C> Uoro(C const& cell, Params const& params, Random& random,
                                    OnlineOptions const& options = {}, Where where = Where::here())
        : Uoro(stepped_cell(cell), params, random, options, where) {}
    /// The compiled part.
    Uoro(SteppedCell, Params const&, Random&, OnlineOptions const&, Where);
};

}  // namespace unspool::core

namespace unspool {

using core::EProp, core::OnlineLearner, core::OnlineOptions, core::OnlineStep, core::Rtrl, core::Snap, core::Uoro;

}  // namespace unspool
