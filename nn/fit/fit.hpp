// fit(): the training loop, for those who do not want to write their own.
#pragma once
#include <optional>
#include <unspool/nn/data/batches.hpp>
#include <unspool/nn/data/split.hpp>
#include <unspool/nn/diagnostics/training_page.hpp>
#include <unspool/nn/fit/batch_source.hpp>
#include <unspool/nn/fit/early_stopping.hpp>
#include <unspool/nn/fit/event_log.hpp>
#include <unspool/nn/fit/history.hpp>
#include <unspool/nn/optim/plateau.hpp>
#include <unspool/nn/optim/schedule.hpp>

namespace unspool::core {

/// What a callback is told, and may ask for.
class TrainingProgress {
public:
    /// What fit() tells; `save` writes a checkpoint.
    TrainingProgress(Index epoch_, Index batch_, double loss_, History const& history_,
                     std::function<void(std::string const&)> save)
        : epoch(epoch_), batch(batch_), loss(loss_), history(history_), save_(std::move(save)) {}

    Index epoch;             ///< from 0
    Index batch;             ///< how many of the epoch are done; after an epoch, all, or 0 where that is not known
    double loss;             ///< of the last batch; after an epoch, the mean over it
    History const& history;  ///< of the epochs that are over

    void stop() { stopping_ = true; }            ///< no further batch
    bool stopping() const { return stopping_; }  ///< stop() was called
    /// All that the run needs to be continued from here.  FileError.
    void save(std::string const& path) const { save_(path); }

private:
    std::function<void(std::string const&)> save_;
    bool stopping_ = false;
};

/// How a model is trained.
struct FitOptions {
    Index epochs       = 10;  ///< in all, with those before a checkpoint that is continued
    Index threads      = 1;   ///< share the parts of a batch
    Index parts        = 0;   ///< of a batch: for the same bits on any number of threads. 0: 1 on one thread, else 8
    Ranks* ranks       = nullptr;  ///< the processes that share the parts of a batch, in the same 8 if not told
    std::uint64_t seed = 0;        ///< of the random numbers that the loss is given
    std::optional<double> clip_norm       = {};  ///< see clip_grad_norm()
    Schedule by_step                      = {};  ///< what the optimiser's rate is multiplied by after so many updates
    Schedule by_epoch                     = {};  ///< or after so many epochs
    std::optional<PlateauOptions> plateau = {};  ///< by what early stopping goes by
    std::optional<EarlyStopping> early    = {};  ///< stop when epochs get no better
    std::vector<LossMetric> metrics       = {};  ///< numbers that follow from the mean loss
    MeanOver mean_over                    = MeanOver::weight;  ///< how much a batch counts

    std::string checkpoint = {};    ///< a file to save the run in, and to continue it from
    Index every            = 1;     ///< so many epochs it is saved, and at the end
    Index every_batches    = 0;     ///< and also every so many updates; 0: not
    bool resume            = true;  ///< continue where there is such a file
    std::function<void(Fields)> also =
        {};  ///< what else belongs to the run: streams of random numbers, states carried on
    std::string log                  = {};      ///< a CSV file to write the history to
    std::string tensorboard          = {};      ///< a folder for the events of this run, see EventLog
    EventLogOptions events           = {};      ///< what else is in them
    std::string page                 = {};      ///< a file of HTML that shows the training, see TrainingPage
    TrainingPageOptions page_options = {};      ///< its title, and what it shows from inside of the network
    bool quiet                       = false;   ///< print nothing
    std::FILE* out                   = stdout;  ///< where progress is shown
    bool catch_interrupt             = true;    ///< Ctrl-C stops after the batch, saves and returns; a second one kills
    double validation_split          = 0.1;  ///< of a data set: this part of it, at random, is not trained on; 0: none

    std::function<void(TrainingProgress&)> on_batch = {};  ///< after each update
    std::function<void(TrainingProgress&)> on_epoch = {};  ///< after each epoch, when its row is in the history
};

/// The compiled part.
History fit(Params const&, Optimiser&, BatchFeed const& train, BatchFeed const* validation, FitOptions const&, Where);

/// Changes the parameters so that a loss becomes small, and tells how that went.
///
///     Adam         adam(params);
///     History h = fit(params, adam, train, [&](Tape& tape, auto const& batch, Mode) {
///         Var logits = model(tape, batch.inputs);
///         return LossAndMetrics(cross_entropy(logits, batch.targets), {accuracy(logits, batch.targets)});
///     }, validation, {.epochs = 20, .early = EarlyStopping{.patience = 3}});
///
/// `train` and `validation` are ranges of batches of any type, or objects with `epoch()`, which gives such a range:
/// SequenceBatches, Corpus.  `loss(tape, batch, mode)` gives the mean over the batch's predictions, on a tape that was rewound
/// before.  Batches that have `weight()` count as much as that, others as their `size()`, others equally; so do parts of batches,
/// and the result in parts is that of the whole, but for rounding; with so many parts, it is the same to the last bit on any number of threads.  What a batch's mean is over must therefore be what it
/// is weighed by: Batch::weight() counts steps where there are targets for steps, and sequences otherwise; for a loss that is a
/// mean over sequences of what each step costs, say `mean_over = MeanOver::size`.  A batch, or a part of one, that weighs nothing
/// is left out.
///
/// A loss that drops out takes `Random* random` instead of the mode: what to draw from, or null in evaluation. Each part of each
/// batch has a stream of its own, which follows from `seed` and its numbers, so that threads share none, and a run that is
/// continued draws what it would have drawn.
///
/// With several threads or parts, batches need `size()` and `part(begin, end)`, and the loss is called for parts of a batch, on several
/// threads at once.
///
/// With `ranks`, all processes call fit() alike, with the same data: each computes its parts of every batch, and all have the same
/// parameters and the same history, whose bits are those of one process with as many parts. They begin as rank 0 does, which alone reads and
/// writes the checkpoint, the log, the events and the page, and prints. Callbacks are called on each; a stop that one asks for stops all.
/// RankError, before the first batch, where a rank has other options than rank 0, or other data, as far as their source has
/// a `fingerprint()`, as SequenceBatches and Corpus have: a text that is the same where batches are.
///
/// The history has "loss" and metrics as means over the epoch, computed while the parameters changed; the same of the validation
/// batches afterwards, as "validation_…"; "rate", and "seconds".
///
/// A run that was stopped, at any batch, continues from its checkpoint bit for bit, if what `also` names is all that the loss
/// changes.  With early stopping, the parameters are at the end those of the best epoch, and those in the checkpoint the last ones.
///
/// ValueError where an option makes no sense, where there are no batches, where batches cannot be divided among threads, and for a
/// loss that is not finite: it names the epoch and the batch, whose update was not made; with early stopping, the parameters
/// are then the best.  FileError for the checkpoint, the log, the events and the page: what cannot be written any more ends the
/// training, with all that was learned in the checkpoint.  What the loss or a callback throws is let through: the parameters
/// are then those of the last update; on other ranks it is a RankError that says so.
template <BatchSource Train, class Loss, BatchSource Validation>
History fit(Params const& params, Optimiser& optimiser, Train&& train, Loss&& loss, Validation&& validation,
            FitOptions const& options = {}, Where where = Where::here()) {
    BatchFeed const seen = feed(train, loss, options.mean_over), unseen = feed(validation, loss, options.mean_over);
    return fit(params, optimiser, seen, &unseen, options, where);
}
/// Without validation.
template <BatchSource Train, class Loss> History fit(Params const& params, Optimiser& optimiser, Train&& train,
                                                     Loss&& loss, FitOptions const& options = {},
                                                     Where where = Where::here()) {
    BatchFeed const seen = feed(train, loss, options.mean_over);
    return fit(params, optimiser, seen, nullptr, options, where);
}

/// Of a data set, of which `options.validation_split` is set apart, by the seed of the batches.
template <class X, class Y, class Loss>
History fit(Params const& params, Optimiser& optimiser, Sequences<X, Y> const& data, BatchOptions const& batches,
            Loss&& loss, FitOptions const& options = {}, Where where = Where::here()) {
    if (options.validation_split == 0) {
        SequenceBatches all(data, batches, where);
        return fit(params, optimiser, all, loss, options, where);
    }
    auto const split = random_split(data.size(), options.validation_split, batches.seed, where);
    SequenceBatches train(select(data, split.train), batches, where),
        validation(select(data, split.validation), each_once(batches), where);
    return fit(params, optimiser, train, loss, validation, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::FitOptions, core::TrainingProgress, core::fit;

}  // namespace unspool
