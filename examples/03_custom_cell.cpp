// The main story: a recurrent cell that the library does not ship is checked, drawn, and trained to write like a text.
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <numbers>

#include "custom_cell/evaluation.hpp"
#include "custom_cell/folder.hpp"
#include "custom_cell/losses.hpp"
#include "custom_cell/options.hpp"
#include "custom_cell/pictures.hpp"
#include "custom_cell/progress.hpp"
#include "custom_cell/sampling.hpp"
#include "custom_cell/training.hpp"
#include "mgu.hpp"

#include <unspool/nn/examination/examination.hpp>

using namespace custom_cell;

namespace {

constexpr Index width = 64;  // of the embedding

/// Compares the gradients of several steps with differences, in double: by the inputs, the first state and all parameters.
template <class Cell> void check(std::string const& cell) {
    ShortRun<Cell> run(cell);
    constexpr Index steps = 5;
    GradReport const report =
        gradcheck([&](Tape&, auto in) { return run(in); }, run.inputs({steps, run.batch, run.in}), run.params());
    if (!report) throw Error(fmt::format("the gradients of {} are wrong:\n{}", cell, text(report)));
    fmt::print("{} over {} steps: {} derivatives checked, the worst relative error is {:.1e}, in {}{}\n", cell, steps,
               report.checked(), report.worst_error(), report.worst()->name, report.worst()->worst.at);
}

template <class Cell> void draw(std::string const& cell, Folder const& folder) {
    draw_step<Cell>(cell, folder);
    draw_unrolled<Cell>(cell, folder);
    fmt::print("drawn: {} and {}, and to look around in, {}\n", (folder / "cell.svg").string(),
               (folder / "unrolled.svg").string(), (folder / "net.html").string());
}

/// Updates until all are made or time is up, with a look at the validation loss after each quarter.
template <class Cell>
Losses train(Trainer<Cell>& trainer, Model<Cell> const& model, Text const& text, Recipe const& recipe, double minutes) {
    Losses losses;
    Progress progress(recipe.updates, recipe.characters(), 60 * minutes);
    for (bool going = true; going;) {
        double const loss = trainer.update();
        Index const done  = trainer.done();
        if (!std::isfinite(loss))
            throw ValueError(fmt::format("the loss is {} after {} steps: give a lower --rate", loss, done));
        losses.add(done, loss);
        progress.step(loss);
        going = done < recipe.updates && !progress.out_of_time();
        if (going && !passes_a_part(done, recipe.updates, 4)) continue;
        double const validation = validation_loss(model, text);
        losses.validated(validation);
        progress.say(fmt::format("validation loss after step {}: {:.4f} nats, {:.3f} bits per character", done,
                                 validation, validation * std::numbers::log2e));
    }
    progress.say(progress.summary());
    return losses;
}

/// Of noise, a short way: enough to see how far gradients go, and whether gates still move.
template <class Cell> Dynamics through_time(Model<Cell> const& model) {
    return dynamics(model.cell, {.inputs = {{width}}, .steps = 20, .exponents = 4});
}

/// All instruments on one page: on a small cell, and through time, on that of the model.
template <class Cell> void examine_all(Options const& o, Folder const& folder, Dynamics before, Dynamics after) {
    ShortRun<Cell> const run(o.cell);
    Examination all  = examine(run.cell(), run.params(), {.title = o.cell});
    auto const units = fmt::format("{} units", o.hidden);
    all.dynamics     = {{"of " + units + ", before training", std::move(before)},
                        {"of " + units + ", after training", std::move(after)}};
    save(all, folder / "cell.html");
    fmt::print("all that the library has to say of {}: {}\n", o.cell, (folder / "cell.html").string());
}

template <class Cell> void learn(Options const& o, Text const& text, Folder const& folder) {
    Params params(o.seed);
    Model<Cell> const model(params, text.number_of_symbols(), width, o.hidden, o.cell);
    Recipe const recipe{.updates = o.updates(), .threads = o.threads, .rate = o.rate};
    Trainer<Cell> trainer(model, params, text, recipe);
    fmt::print("training on {}: {} characters, {} different; {} parameters, {} {}\n", text.source,
               text.validation_begin(), text.number_of_symbols(), params.count(), o.threads,
               o.threads == 1 ? "thread" : "threads");
    Dynamics before = through_time(model);
    folder.write("losses.csv", train(trainer, model, text, recipe, o.minutes).table());
    fmt::print("the losses are in {}\n", (folder / "losses.csv").string());
    fmt::print("what it writes:\n\n{}\n", printable(sample(model, text, 600, o.temperature, o.seed)));
    examine_all<Cell>(o, folder, std::move(before), through_time(model));
}

template <class Cell> void run(Options const& o) {
    Text const text = o.text ? read_text(*o.text) : own_text();
    Folder const folder(o.folder);
    set_num_threads(o.threads);
    check<Cell>(o.cell);
    draw<Cell>(o.cell, folder);
    learn<Cell>(o, text, folder);
}

void run(Options const& o) {
    if (o.cell == "mgu") run<Mgu>(o);
    if (o.cell == "rnn") run<nn::RNNCell>(o);
    if (o.cell == "lstm") run<nn::LSTMCell>(o);
    if (o.cell == "gru") run<nn::GRUCell>(o);
}

}  // namespace

int main(int argc, char** argv) try {
    run(parse(argc, argv));
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
        throw Error("what it printed could not be written: is the disk full?");
    return 0;
} catch (Done const& done) { return done.exit_status; } catch (std::bad_alloc const&) {
    fmt::print(stderr, "03_custom_cell: there is not enough memory: give a lower --hidden\n");
    return 2;
} catch (std::exception const& e) {
    fmt::print(stderr, "03_custom_cell: {}\n", e.what());
    return 2;
}
