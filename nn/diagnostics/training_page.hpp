// A training on one page: curves, what goes on inside of the network, and what to think of it, while it runs and afterwards.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/diagnostics/thinned.hpp>
#include <unspool/nn/diagnostics/training_probe.hpp>
#include <unspool/nn/diagnostics/weight_watch.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

/// What the page of a training shows.
struct TrainingPageOptions {
    std::string title   = "Training";  ///< of the page
    double seconds      = 3;           ///< at least so long from one writing of the file to the next
    Index epochs        = 200;  ///< so many have histograms and gradients through time, at most; see TrainingPage
    TrainingProbe probe = {};   ///< what is looked at inside
};

/// What is told of an update; only what is known is drawn.
struct TrainingUpdate {
    /// Of the batch, and of the optimiser.
    std::optional<double> loss = {}, rate = {};
    std::optional<double> norm     = {};  ///< of the gradients, as clip_grad_norm() returns it
    std::optional<double> max_norm = {};  ///< to which they were clipped
};

/// One file of HTML that needs nothing else, and works offline; open it in a browser, where it shows itself anew while the training runs.
/// `fit` makes one by `{.page = "training.html"}`.  In a loop of one's own:
///
///     TrainingPage page("training.html", params, {.probe = {.loss = probe}});
///     for (int epoch = 0; epoch < 30; ++epoch) {
///         for (auto const& batch : batches.epoch()) {
///             …
///             double const norm = clip_grad_norm(gradients, 1);
///             adam.step(gradients);
///             page.update({.loss = loss.item(), .rate = adam.rate(), .norm = norm, .max_norm = 1});
///         }
///         page.epoch({{"loss", mean}, {"validation_loss", validated}});
///     }
///     page.finish();
///
/// The file is replaced every few seconds and at the end: it is there whole, or, after an error, as it was.  It has at most some 3 MB,
/// however long the training and however large the model: of many epochs and updates, one in 2, 4, 8 … is kept.  An epoch that is kept
/// costs a run of the probe and a pass over the parameters, of which copies are held.  ‖Δw‖/‖w‖ is of the first update of an epoch.
class TrainingPage {
public:
    using Numbers = std::vector<std::pair<std::string, double>>;  ///< names and values of an epoch

    /// Writes the file, still empty.  FileError where it cannot be written; ValueError unless seconds is at least 0 and epochs at least 2.
    TrainingPage(std::string path, Params const&, TrainingPageOptions = {}, Where = Where::here());

    void update(TrainingUpdate const&);  ///< after the optimiser's step.  FileError
    void epoch(Numbers const&,
               Where = Where::here());  ///< after an epoch; what the probe throws is let through.  FileError
    void earlier(Numbers const&);       ///< an epoch of before the training was continued: its numbers only
    void finish(std::string_view how = "finished", Where = Where::here());  ///< writes the last state.  FileError

    /// Draws what a loss was computed from, with the gradients if they were made with Keep::all: once, so that only the first call counts.
    /// A page with a probe draws that by itself.  What cannot be drawn, because there is no program dot or because it is too large, is
    /// no error: the page says why.
    void network(Var const& loss, Gradients const* = nullptr);

    std::string html() const;  ///< the page as it is now

private:
    using Clock = std::chrono::steady_clock;
    struct Row {
        Index number;
        Numbers numbers;
        bool finite() const;
    };
    struct Point {
        Index number;
        TrainingUpdate update;
        double size() const;  // of the gradients, or of the loss
    };
    struct Frame {
        Index number;
        std::string json;
    };
    struct Finite {
        bool operator()(Row const& kept, Row const&) const { return !kept.finite(); }
    };
    struct Larger {
        bool operator()(Point const& kept, Point const& next) const;
    };
    struct Earlier {
        bool operator()(Frame const&, Frame const&) const { return true; }
    };

    void look(Where);
    void write();
    void write_if_due();
    std::string json() const;
    std::string rows_json() const;
    std::string updates_json() const;
    std::string frames_json() const;

    std::string path_;
    TrainingPageOptions options_;
    Dtype dtype_;
    WeightWatch weights_;
    Thinned<Row, Finite> rows_;
    Thinned<Point, Larger> updates_;
    Thinned<Frame, Earlier> frames_;
    Frame last_{0, ""};            // of the epoch that was looked at last
    std::string maps_ = "[]";      // of that
    std::string network_;          // elements; empty until it is drawn
    Index epochs_ = 0, done_ = 0;  // epochs and updates so far
    bool fresh_        = true;     // no update since the last epoch
    std::string state_ = "running";
    Clock::time_point written_;
};

}  // namespace unspool::core

namespace unspool {

using core::TrainingPage, core::TrainingPageOptions, core::TrainingUpdate;

}  // namespace unspool
