// The training loop.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/checkpoint.hpp>
#include <unspool/nn/fit/fit.hpp>
#include <unspool/nn/fit/interrupt.hpp>
#include <unspool/nn/fit/learner.hpp>
#include <unspool/nn/fit/log.hpp>
#include <unspool/nn/fit/progress.hpp>
#include <unspool/nn/fit/same_run.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/clip.hpp>

namespace unspool::core {

namespace {

using Clock = std::chrono::steady_clock;

FitOptions const& checked(FitOptions const& o, BatchFeed const& train, BatchFeed const* validation, Where where) {
    auto const least = [&](char const* name, Index n, Index bound) {
        require_number(n >= bound, "fit", name, static_cast<double>(n), fmt::format("at least {}", bound), where);
    };
    least("epochs", o.epochs, 0), least("threads", o.threads, 1), least("parts", o.parts, 0),
        least("every", o.every, 1), least("every_batches", o.every_batches, 0);
    if (o.clip_norm) require_number(*o.clip_norm >= 0, "fit", "clip_norm", *o.clip_norm, "at least 0", where);
    if (o.by_step && o.by_epoch)
        throw ValueError(fmt::format("{}: fit: there are two schedules, by_step and by_epoch", text(where)));
    require_divisible(train, parts_of_a_batch(o.parts, o.threads, o.ranks), "fit", where);
    if (o.ranks) require_same(*o.ranks, "fit", facts(o, train, validation), where);
    return o;
}

/// One training, with all that a checkpoint keeps of it.
class Run {
public:
    Run(Params const& params, Optimiser& optimiser, BatchFeed const& train, BatchFeed const* validation,
        FitOptions const& options, Where where)
        : params_(params)
        , optimiser_(optimiser)
        , train_(train)
        , validation_(validation)
        , o_(checked(options, train, validation, where))
        , where_(where)
        , learner_(params, parts_of_a_batch(options.parts, options.threads, options.ranks), options.threads,
                   options.ranks, where)
        , progress_(options.quiet || !leads(options.ranks), options.out) {
        if (auto const& schedule = o_.by_step ? o_.by_step : o_.by_epoch)
            scheduler_.emplace(optimiser, schedule, where);
        if (o_.plateau) plateau_.emplace(optimiser, *o_.plateau, where);
        if (o_.early) best_.emplace(params, *o_.early, where);
    }

    History operator()() {
        resume();
        if (leads(o_.ranks)) begin_files();
        Interrupt const interrupt(o_.catch_interrupt);
        interrupt_ = &interrupt;
        while (epoch_ < o_.epochs && history_.stopped == Stop::finished) epoch();
        if (page_) page_->finish(text(history_.stopped), where_);
        if (epoch_ >= o_.epochs || history_.stopped == Stop::no_better) finish();
        return history_;
    }

    void fields(Fields f) {
        f.add("parameters", params_);
        f.add("optimiser", optimiser_);
        if (scheduler_) f.add("schedule", *scheduler_);
        if (plateau_) f.add("plateau", *plateau_);
        if (best_) f.add("best", *best_);
        f.add("train", train_);
        if (validation_) f.add("validation", *validation_);
        f.add("history", history_);
        f.add("tally", tally_);
        f.add("epoch", epoch_), f.add("batch", batch_), f.add("stopped", stopped_, 0, 1);
        f.add("seconds", seconds_);
        if (o_.also) f.add("also", also_);
    }

private:
    // Only losing patience lasts: other stops are over when a run is continued.
    void stop(Stop why) { history_.stopped = why, stopped_ = why == Stop::no_better ? 1 : 0; }

    void resume() {
        bool const there =
            leads(o_.ranks) && o_.resume && !o_.checkpoint.empty() && std::filesystem::exists(o_.checkpoint);
        if (!there && !o_.ranks) return;
        Checkpoint checkpoint;
        checkpoint.add("run", *this);
        if (there) checkpoint.load(o_.checkpoint);
        if (o_.ranks) broadcast(*o_.ranks, checkpoint, where_);
        if (stopped_ == 1) history_.stopped = Stop::no_better;
        if (there) progress_.say(fmt::format("continuing {} after {}", o_.checkpoint, place()));
    }
    void begin_files() {
        if (!o_.log.empty()) log_.emplace(o_.log, history_);
        begin_page(), begin_events();
    }
    void begin_page() {
        if (o_.page.empty()) return;
        page_.emplace(o_.page, params_, o_.page_options, where_);
        for (Index e = 0; e < history_.epochs(); ++e) page_->earlier(history_.row(e, where_));
        if (!o_.page_options.probe.loss) learner_.when_recorded([this](Var const& loss) { page_->network(loss); });
    }
    void begin_events() {
        if (o_.tensorboard.empty()) return;
        events_.emplace(o_.tensorboard, params_, o_.events, history_, where_);
        auto const clipped = o_.clip_norm ? fmt::format("{}", *o_.clip_norm) : "none";
        events_->file().text("about/fit",
                             two_columns({{"epochs", std::to_string(o_.epochs)},
                                          {"threads", std::to_string(o_.threads)},
                                          {"seed", std::to_string(o_.seed)},
                                          {"rate", fmt::format("{}", optimiser_.rate())},
                                          {"clip_norm", clipped}}),
                             history_.epochs());
    }
    void save(std::string const& path) {
        seconds_ += passed();
        if (!leads(o_.ranks)) return;
        Checkpoint checkpoint;
        checkpoint.add("run", *this);
        checkpoint.save(path);
    }
    void save() {
        if (!o_.checkpoint.empty()) save(o_.checkpoint);
    }
    // Since it was last asked.
    double passed() {
        auto const before = std::exchange(begin_, Clock::now());
        return std::chrono::duration<double>(begin_ - before).count();
    }

    std::string place() const {
        return batch_ == 0 ? fmt::format("epoch {}", epoch_) : fmt::format("epoch {}, batch {}", epoch_ + 1, batch_);
    }

    void epoch() {
        begin_ = Clock::now();
        bool const whole =
            train_.rest([this](AnyBatch const& b) { return update(b), history_.stopped == Stop::finished; });
        if (!whole) return left();
        if (batch_ == 0) throw ValueError(fmt::format("{}: fit: there are no batches", text(where_)));
        if (tally_.weight() == 0)
            throw ValueError(fmt::format("{}: fit: no batch of the epoch weighs anything", text(where_)));
        end_epoch();
    }
    // In the middle of an epoch.
    void left() {
        save();
        progress_.say(fmt::format("{} after {}{}", text(history_.stopped), place(), saved()));
    }
    std::string saved() const { return o_.checkpoint.empty() ? "" : fmt::format(", saved in {}", o_.checkpoint); }

    void update(AnyBatch const& batch) {
        double loss = 0;
        if (batch.weight > 0) loss = learn(batch);
        ++batch_;
        if (page_ && batch.weight > 0) write_down([&] { page_->update(told_); });
        if (progress_.due())
            progress_.batch({epoch_, o_.epochs, batch_, train_.batches},
                            tally_.weight() > 0 ? tally_.row(o_.metrics) : History::Row{});
        tell(o_.on_batch, loss);
        if (interrupt_->asked()) stop(Stop::interrupted);
        stop(agreed(o_.ranks, history_.stopped, where_));
        if (o_.every_batches > 0 && batch_ % o_.every_batches == 0 && history_.stopped == Stop::finished) save();
    }
    double learn(AnyBatch const& batch) {
        auto [loss, gradients] = learner_.learn(batch, seed_of_batch(o_.seed, epoch_, batch_));
        TrainingUpdate told{.loss = loss, .rate = optimiser_.rate(), .max_norm = o_.clip_norm};
        require_finite(loss, "the loss", told);
        if (o_.clip_norm) told.norm = clip_grad_norm(gradients, *o_.clip_norm, 2, where_);
        else if (page_ || events_) told.norm = grad_norm(gradients);
        if (o_.clip_norm) require_finite(*told.norm, "the norm of the gradients", told);
        learner_.add_to(tally_);
        optimiser_.step(gradients, where_);
        if (scheduler_ && o_.by_step) scheduler_->step(where_);
        if (events_) events_->update(*told.norm);
        told_ = told;
        return loss;
    }
    void require_finite(double x, char const* what, TrainingUpdate const& told) {
        if (std::isfinite(x)) return;
        if (page_) page_->update(told), page_->finish(fmt::format("{} is {}", what, x), where_);
        if (best_) best_->restore();
        throw ValueError(fmt::format(
            "{}: fit: {} is {} in epoch {}, batch {}{}", text(where_), what, x, epoch_ + 1, batch_ + 1,
            best_ && best_->epoch() >= 0 ? fmt::format("; the parameters are those after epoch {}", best_->epoch() + 1)
                                         : ""));
    }
    void tell(std::function<void(TrainingProgress&)> const& callback, double loss) {
        if (!callback) return;
        bool const after_epoch = batch_ == 0;
        TrainingProgress moment(after_epoch ? epoch_ - 1 : epoch_, after_epoch ? train_.batches : batch_, loss,
                                history_, [this](auto const& path) { save(path); });
        callback(moment);
        if (moment.stopping()) stop(Stop::asked);
    }

    void end_epoch() {
        History::Row row        = tally_.row(o_.metrics);
        double const train_loss = tally_.loss();
        if (validation_) {
            auto const unseen = evaluated(*validation_, learner_).row(o_.metrics, "validation_");
            row.insert(row.end(), unseen.begin(), unseen.end());
        }
        row.emplace_back("rate", optimiser_.rate());
        row.emplace_back("seconds", std::exchange(seconds_, 0) + passed());
        history_.add(row, where_);
        progress_.epoch(epoch_, o_.epochs, row);
        judge();
        ++epoch_, batch_ = 0, tally_ = {};
        write_down([&] {
            if (log_) log_->add(history_);
            if (events_) events_->epoch(row);
            if (page_) page_->epoch(row, where_);
        });
        tell_of_epoch(train_loss);
    }
    // What was learned is not lost where that fails.
    template <class F> void write_down(F&& write) try { write(); } catch (...) {
        save();
        throw;
    }
    // Is the epoch better than those before?
    void judge() {
        if (scheduler_ && o_.by_epoch) scheduler_->step(where_);
        std::string const asked = o_.early ? o_.early->of : "", usual = validation_ ? "validation_loss" : "loss";
        double const value = history_.last({asked.empty() ? usual : asked, where_});
        if (plateau_) plateau_->step(value);
        if (!best_) return;
        best_->add(epoch_, value);
        if (best_->out_of_patience()) stop(Stop::no_better);
    }
    void tell_of_epoch(double loss) {
        Stop const before = history_.stopped;
        tell(o_.on_epoch, loss);
        if (before != Stop::finished) stop(before);
        else if (interrupt_->asked()) stop(Stop::interrupted);
        stop(agreed(o_.ranks, history_.stopped, where_));
        bool const over = history_.stopped != Stop::finished;
        if (over || epoch_ == o_.epochs || epoch_ % o_.every == 0) save();
        if (over) progress_.say(fmt::format("{} after {}{}", text(history_.stopped), place(), saved()));
    }
    void finish() {
        if (!best_ || best_->epoch() < 0 || !o_.early->restore) return;
        best_->restore();
        progress_.say(fmt::format("the parameters are those after epoch {}", best_->epoch() + 1));
    }

    struct Also {
        std::function<void(Fields)> const& f;
        void fields(Fields x) { f(x); }
    };

    Params params_;
    Optimiser& optimiser_;
    BatchFeed const& train_;
    BatchFeed const* validation_;
    FitOptions const& o_;
    Where where_;
    Learner learner_;
    Progress progress_;
    std::optional<Scheduler> scheduler_;
    std::optional<ReduceOnPlateau> plateau_;
    std::optional<Best> best_;
    std::optional<CsvLog> log_;
    std::optional<EventLog> events_;
    std::optional<TrainingPage> page_;
    Also also_{o_.also};
    TrainingUpdate told_        = {};  // of the last batch that weighed anything
    Interrupt const* interrupt_ = nullptr;
    Clock::time_point begin_    = Clock::now();
    History history_;
    RunningMean tally_;
    Index epoch_ = 0, batch_ = 0;  // how many are done; and of the next one, how many batches
    Index stopped_  = 0;           // 1: there was no patience left
    double seconds_ = 0;           // of the epoch, before begin_
};

}  // namespace

History fit(Params const& params, Optimiser& optimiser, BatchFeed const& train, BatchFeed const* validation,
            FitOptions const& options, Where where) try {
    return failing_together(options.ranks, [&] { return Run(params, optimiser, train, validation, options, where)(); });
} catch (...) {
    throw;  // also where no one catches it, what the run shows is cleared before
}

}  // namespace unspool::core
