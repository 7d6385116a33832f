// A tape for a step, and one for its loss.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/online/influence.hpp>
#include <unspool/nn/online/learner.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

using Arrays = std::vector<xt::xarray<double>>;

xt::xarray<double> array_of(std::vector<double> const& x, Shape const& shape) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    std::copy(x.begin(), x.end(), out.begin());
    return out;
}
Arrays arrays_of(std::vector<Var> const& parts) {
    Arrays out;
    for (Var const& x : parts) out.push_back(array_of(elements(x), x.shape()));
    return out;
}
std::vector<Var> put(Tape& tape, Arrays const& all, std::vector<std::string> const& names) {
    std::vector<Var> out;
    for (std::size_t k = 0; k < all.size(); ++k) out.push_back(tape.input(all[k], states::initial_name(names[k])));
    return out;
}

}  // namespace

struct OnlineLearner::Tapes {
    Tape step, loss;

    explicit Tapes(Dtype t) : step(t), loss(t) {}
};

OnlineLearner::OnlineLearner(SteppedCell cell, Params const& params, std::unique_ptr<Influence> influence,
                             OnlineOptions const& o, Where where)
    : cell_(std::move(cell))
    , params_(params)
    , dtype_(o.dtype.value_or(params.dtype()))
    , influence_(std::move(influence))
    , tapes_(std::make_unique<Tapes>(dtype_))
    , batch_(o.batch) {
    require_vars_alone(cell_, "an online learner", where);
    if (batch_ < 1)
        throw ValueError(fmt::format("{}: an online learner has a batch of 1 or more, not {}", text(where), batch_));
    Tape tape(dtype_);
    state_                       = arrays_of(cell_.start(tape, batch_));
    std::vector<Var> const parts = put(tape, state_, cell_.names);
    Var const out                = cell_.output(parts);
    StateLayout layout;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        layout.shapes.push_back(parts[k].shape());
        if (out.window().node == parts[k].window().node) layout.output = k;
    }
    influence_->layout(layout);
    reset(where);
}
OnlineLearner::OnlineLearner(OnlineLearner&&) noexcept = default;
OnlineLearner::~OnlineLearner()                        = default;

Arrays OnlineLearner::advance(Arrays const& inputs, Where where) {
    if (inputs.size() != cell_.inputs)
        throw ShapeError(fmt::format("{}: the cell takes {} inputs a step, {} were given", text(where), cell_.inputs,
                                     inputs.size()));
    Tape& tape = tapes_->step;
    tape.rewind();
    std::vector<Var> xs;
    for (auto const& x : inputs) {
        if (x.dimension() == 0 || static_cast<Index>(x.shape()[0]) != batch_)
            throw ShapeError(describe(where, "an online step", "the input is of another batch",
                                      fmt::format("x [{},...]", batch_), std::array{Shown{"x", Shape::of(x.shape())}}));
        xs.push_back(tape.constant(x, {}, where));
    }
    std::vector<Var> const before = put(tape, state_, cell_.names), after = cell_.step(xs, before, t_);
    for (std::size_t k = 0; k < after.size(); ++k)
        if (!(after[k].shape() == before[k].shape()))
            throw ShapeError(describe(where, "an online step", "a step changes the shape of the state",
                                      text(before[k].shape()), std::array{Shown{cell_.names[k], after[k].shape()}}));
    StepSweeps const sweeps(before, after, params_);
    influence_->advance(sweeps, std::vector<bool>(sweeps.size(), true));
    return arrays_of(after);
}

/// What the loss has by the state is taken on by the influence, and comes in as the gradient of a term that is linear
/// in the parameters.
OnlineStep OnlineLearner::judge(Arrays const& state, Loss const& loss, Where where) {
    Tape& tape = tapes_->loss;
    tape.rewind();
    std::vector<Var> const parts = put(tape, state, cell_.names);
    Var const cost               = loss(cell_.output(parts));
    require_scalar(cost, where);
    double const value = cost.item(where);
    std::vector<double> ds;
    if (cost.requires_grad()) {
        Gradients const g = backward(cost, Keep::leaves, where);
        for (Var const& part : parts)
            for (double v : elements(g[part])) ds.push_back(v);
    }
    Var all = cost;
    if (!ds.empty())
        for (auto const& [param, g] : influence_->through(ds))
            all = all + sum(tape.lift(*param, where) * tape.constant(array_of(g, param->shape())));
    return {value, backward(all, Keep::leaves, where)};
}

OnlineStep OnlineLearner::step(Arrays const& inputs, Loss const& loss, Where where) {
    Arrays next    = advance(inputs, where);
    OnlineStep out = judge(next, loss, where);
    influence_->commit(), state_.swap(next), ++t_;
    return out;
}
void OnlineLearner::step(Arrays const& inputs, Where where) {
    Arrays next = advance(inputs, where);
    influence_->commit(), state_.swap(next), ++t_;
}

void OnlineLearner::start(std::vector<bool> const& rows) {
    Tape& tape = tapes_->step;
    tape.rewind();
    std::vector<Var> const parts = cell_.start(tape, batch_);
    Arrays const first           = arrays_of(parts);
    influence_->advance(StepSweeps({}, parts, params_), rows);
    influence_->commit();
    std::size_t i = 0;
    for (std::size_t k = 0; k < first.size(); ++k)
        for (std::size_t e = 0; e < first[k].size(); ++e, ++i)
            if (rows[i]) state_[k].data()[e] = first[k].data()[e];
}

void OnlineLearner::reset(Where) {
    std::size_t n = 0;
    for (auto const& part : state_) n += part.size();
    start(std::vector<bool>(n, true));
    t_ = 0;
}

void OnlineLearner::reset(Index b, Where where) {
    if (b < 0 || b >= batch_)
        throw IndexError(fmt::format("{}: reset of sequence {} of a batch of {}", text(where), b, batch_));
    std::vector<bool> rows;
    for (std::size_t k = 0; k < state_.size(); ++k) {
        if (state_[k].dimension() == 0 || static_cast<Index>(state_[k].shape()[0]) != batch_)
            throw ShapeError(describe(where, "reset", "a part of the state is not of one sequence each",
                                      fmt::format("[{},...]", batch_),
                                      std::array{Shown{cell_.names[k], Shape::of(state_[k].shape())}}));
        std::size_t const each = state_[k].size() / static_cast<std::size_t>(batch_);
        for (std::size_t e = 0; e < state_[k].size(); ++e) rows.push_back(e / each == static_cast<std::size_t>(b));
    }
    start(rows);
}

xt::xarray<double> OnlineLearner::state(std::string_view name) const {
    auto const found = std::find(cell_.names.begin(), cell_.names.end(), name);
    if (found == cell_.names.end())
        throw NameError(fmt::format("the state has no part {}; there are: {}", name, fmt::join(cell_.names, ", ")));
    return state_[static_cast<std::size_t>(found - cell_.names.begin())];
}

xt::xarray<double> OnlineLearner::output() const {
    Tape tape(dtype_);
    return arrays_of({cell_.output(put(tape, state_, cell_.names))})[0];
}

Rtrl::Rtrl(SteppedCell cell, Params const& p, OnlineOptions const& o, Where where)
    : OnlineLearner(std::move(cell), p, whole_influence(), o, where) {}

Snap::Snap(SteppedCell cell, Params const& p, Index order, OnlineOptions const& o, Where where)
    : OnlineLearner(
          std::move(cell), p,
          sparse_influence(order < 1 ? throw ValueError(fmt::format("{}: SnAp-{}: n is 1 or more", text(where), order))
                                     : order),
          o, where) {}

EProp::EProp(SteppedCell cell, Params const& p, OnlineOptions const& o, Where where)
    : OnlineLearner(std::move(cell), p, own_influence(), o, where) {}

Uoro::Uoro(SteppedCell cell, Params const& p, Random& random, OnlineOptions const& o, Where where)
    : OnlineLearner(std::move(cell), p, guessed_influence(random), o, where) {}

}  // namespace unspool::core
