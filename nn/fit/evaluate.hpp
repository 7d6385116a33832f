// evaluate() and predict(): what a model that was trained makes of data.
#pragma once
#include <unspool/nn/data/batches.hpp>
#include <unspool/nn/fit/batch_source.hpp>
#include <unspool/nn/fit/history.hpp>

namespace unspool::core {

/// Numbers by their names, in order: "loss", then metrics.
class Scores {
public:
    explicit Scores(History::Row row) : row_(std::move(row)) {}  ///< of names and values

    double operator[](std::string_view name) const;   ///< NameError if there is none of this name
    History::Row const& row() const { return row_; }  ///< as fit() adds one to its history

private:
    History::Row row_;
};
std::string text(Scores const&);  ///< "loss 0.3127, accuracy 0.87"

/// How a model is judged.
struct EvaluateOptions {
    Index threads                   = 1;                 ///< share the parts of a batch
    Index parts                     = 0;                 ///< as for fit()
    Ranks* ranks                    = nullptr;           ///< the processes that share the parts of a batch
    std::vector<LossMetric> metrics = {};                ///< numbers that follow from the mean loss
    MeanOver mean_over              = MeanOver::weight;  ///< what counts how much
};

/// The compiled part.
Scores evaluate(Params const&, BatchFeed const&, EvaluateOptions const&, Where);

/// The mean loss and metrics over batches, as fit() has them of validation batches: the loss function is the same, and is told that
/// it is evaluated.  ValueError where no batch weighs anything, or an option makes no sense; RankError where a rank has
/// other data or options than rank 0.
///
///     Scores s = evaluate(params, test, loss);
///     std::cout << text(s);                       // s["loss"], s["accuracy"]
template <BatchSource S, class Loss> Scores evaluate(Params const& params, S&& batches, Loss&& loss,
                                                     EvaluateOptions const& options = {}, Where where = Where::here()) {
    return evaluate(params, feed(batches, loss, options.mean_over), options, where);
}
/// Of a data set, in batches, each example once.
template <class X, class Y, class Loss>
Scores evaluate(Params const& params, Sequences<X, Y> const& data, BatchOptions const& how, Loss&& loss,
                EvaluateOptions const& options = {}, Where where = Where::here()) {
    SequenceBatches batches(data, each_once(how), where);
    return evaluate(params, batches, loss, options, where);
}

/// Collects what came out of batches.
class Predictions {
public:
    explicit Predictions(Where where) : where_(where) {}

    /// A row for each example: ShapeError unless y is [size,...], of the same numbers as before.
    void add_rows(Var const& y, Index size, std::span<Index const> examples);
    /// A sequence for each example, as long as that is: ShapeError unless y is [T,B,...], or [B,T,...].
    void add_sequences(Var const& y, std::span<Index const> lengths, std::span<Index const> examples, bool batch_first);

    xt::xarray<double> rows();                    ///< one below the other
    std::vector<xt::xarray<double>> sequences();  ///< in order

private:
    struct One {
        Index example;
        xt::xarray<double> values;
    };
    void add(Index k, std::span<Index const> examples, xt::xarray<double>);
    void sort();

    Where where_;
    std::vector<One> all_;
};

/// Calls `visit(batch, y)` for what `f(tape, batch)` makes of each batch, on a tape that records nothing.
template <class S, class F, class Visit> void each_prediction(Params const& params, S&& batches, F&& f, Visit visit) {
    Tape tape(params.dtype());
    auto const one = [&](auto const& batch) {
        tape.rewind();
        Pause const pause(tape);
        visit(batch, Var(f(tape, batch)));
        return true;
    };
    if constexpr (EpochSource<std::remove_cvref_t<S>>) rest_of_epoch(batches, one);
    else
        for (auto const& batch : batches) one(batch);
}
template <class B> std::span<Index const> examples_of(B const& batch) {
    if constexpr (requires { batch.examples; }) return batch.examples;
    else return {};
}

/// What `f(tape, batch)`, [B,...], says of every example: [N,...], in the order of the data set, whatever that of the batches was.
/// Of batches that do not number their examples, in the order in which they come.
///
///     xt::xarray<double> y = predict(params, test, [&](Tape& tape, auto const& batch) { return model(tape, batch); });
template <BatchSource S, class F>
xt::xarray<double> predict(Params const& params, S&& batches, F&& f, Where where = Where::here()) {
    Predictions out(where);
    each_prediction(params, batches, f, [&](auto const& batch, Var const& y) {
        out.add_rows(y, static_cast<Index>(batch.size()), examples_of(batch));
    });
    return out.rows();
}
/// The same of a model that says something of each step, [T,B,...], or [B,T,...] where batch_first: a sequence for each example,
/// without what was filled up.
template <BatchSource S, class F>
std::vector<xt::xarray<double>> predict_steps(Params const& params, S&& batches, F&& f, Where where = Where::here()) {
    Predictions out(where);
    each_prediction(params, batches, f, [&](auto const& batch, Var const& y) {
        out.add_sequences(y, batch.lengths, examples_of(batch), batch.batch_first);
    });
    return out.sequences();
}
/// Of a data set, in batches.
template <class X, class Y, class F> auto predict(Params const& params, Sequences<X, Y> const& data,
                                                  BatchOptions const& how, F&& f, Where where = Where::here()) {
    SequenceBatches batches(data, each_once(how), where);
    return predict(params, batches, f, where);
}
/// The same of each step.
template <class X, class Y, class F> auto predict_steps(Params const& params, Sequences<X, Y> const& data,
                                                        BatchOptions const& how, F&& f, Where where = Where::here()) {
    SequenceBatches batches(data, each_once(how), where);
    return predict_steps(params, batches, f, where);
}

}  // namespace unspool::core

namespace unspool {

using core::EvaluateOptions, core::Scores, core::evaluate, core::predict, core::predict_steps, core::text;

}  // namespace unspool
