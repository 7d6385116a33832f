// A training as TensorBoard shows it.
#pragma once
#include <string>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/fit/event_file.hpp>
#include <unspool/nn/fit/history.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// What TensorBoard is told.
struct EventLogOptions {
    Index histograms =
        0;  ///< after so many epochs, and then so many more, there are histograms of the parameters; 0: none
};

/// Events of a training in a folder, with a file for each time that it is begun or continued.  The steps are epochs, from 1.  `fit` writes
/// them by `{.tensorboard = "runs/first"}`.  In a loop of one's own:
///
///     EventLog log("runs/first", params);
///     for (…) {
///         for (auto const& batch : batches.epoch()) { …; log.update(clip_grad_norm(gradients, 1)); }
///         log.epoch({{"loss", mean}, {"validation_loss", validated}, {"rate", adam.rate()}});
///     }
///
/// "loss" is shown as "loss/train", and "validation_loss" as "loss/validation", so that they are together; "rate" and "seconds" as they are;
/// "gradient_norm/mean" and "gradient_norm/largest" are those of the updates.  Parameters, the first 60 of those that are trained, are
/// below "weights".  The texts "about/build" and "about/parameters" say what was trained.
class EventLog {
public:
    /// `before` is the history of a training that is continued: where the folder has no events yet, its epochs are written as well.
    /// FileError; ValueError for a negative number.
    EventLog(std::string const& folder, Params const&, EventLogOptions const& = {}, History const& before = {},
             Where = Where::here());

    void update(double gradient_norm);   ///< after the optimiser's step
    void epoch(History::Row const&);     ///< after an epoch; all is in the file then.  FileError; the disk may be full
    EventFile& file() { return file_; }  ///< to add to what is there

private:
    struct Norms {
        double sum = 0, largest = 0;
        Index n = 0;
    };
    void numbers(History::Row const&);

    Params params_;
    Index every_, epochs_;
    Norms norms_;
    EventFile file_;
};

/// A table in Markdown, of lines of two cells.
std::string two_columns(std::vector<std::pair<std::string, std::string>> const&);

}  // namespace unspool::core

namespace unspool {

using core::EventLog, core::EventLogOptions;

}  // namespace unspool
