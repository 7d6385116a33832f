// Polyphonic music: three cells of some 20,000 parameters learn which notes follow in chorales, and are judged by the negative
// log-likelihood of a frame of the test songs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <numeric>

#include "chorales/model.hpp"

using namespace chorales;

namespace {

struct Options {
    std::string cell = "all";
    std::filesystem::path data, checkpoint;
    std::uint64_t seed = 1;
    Index epochs       = 400;
    Dropped dropped;
    bool check = false, verbose = false;
};

/// A cell as Chung et al. (2014) have it, with what they reach on the test songs.
struct Contestant {
    char const* name;
    Index hidden;
    double rate, reference;
};

FitOptions how(Options const& o, Contestant const& c, Random& random) {
    FitOptions fit;
    fit.epochs    = o.epochs;
    fit.clip_norm = 1;
    fit.plateau   = PlateauOptions{.factor = 0.3, .patience = 5};
    fit.early     = EarlyStopping{.patience = 20};
    fit.quiet     = !o.verbose;
    fit.also      = [&random](Fields f) { f.add("dropout", random); };
    if (!o.checkpoint.empty()) fit.checkpoint = o.checkpoint.string() + "." + c.name;
    return fit;
}

double mean_loss(auto& batches, auto const& loss) {
    double sum = 0, frames = 0;
    Tape tape;
    for (auto const& batch : batches.epoch()) {
        tape.rewind();
        Pause const pause(tape);
        sum += loss(tape, batch, Mode::evaluate).item() * batch.weight(), frames += batch.weight();
    }
    return sum / frames;
}

/// Says how it went, and whether the reference was reached.
template <class Cell> bool compete(Contestant const& c, Collection const& music, Options const& o) {
    Params params(o.seed);
    Model<Cell> const model(params, c.hidden);
    Random random(o.seed);
    auto const loss = [&](Tape& tape, auto const& batch, Mode mode) {
        return nll_of_frames(model(tape.constant(batch.inputs), o.dropped, mode == Mode::train ? &random : nullptr),
                             batch);
    };
    BatchOptions const all{.size = 64, .shuffle = false, .bucket = 1};
    SequenceBatches train(music.train, {.size = 8, .seed = o.seed, .bucket = 4}), validation(music.validation, all),
        test(music.test, all);
    Adam adam(params, {.rate = c.rate});
    History const history = fit(params, adam, train, loss, validation, how(o, c, random));

    auto const losses = history["validation_loss"], seconds = history["seconds"];
    double const reached = mean_loss(test, loss);
    fmt::print("{:4}  {:3} units, {:5} parameters: validation {:.3f}, test {:.3f} (Chung et al.: {:.2f}), {} epochs in "
               "{:.0f} s\n",
               c.name, c.hidden, params.count(), *std::min_element(losses.begin(), losses.end()), reached, c.reference,
               history.epochs(), std::accumulate(seconds.begin(), seconds.end(), 0.0));
    std::fflush(stdout);
    return reached <= c.reference;
}

bool compete(Collection const& music, Options const& o) {
    bool all        = true;
    auto const asks = [&](char const* name) { return o.cell == name || o.cell == "all"; };
    if (asks("tanh")) all &= compete<nn::RNNCell>({"tanh", 100, 0.002, 9.10}, music, o);
    if (asks("gru")) all &= compete<nn::GRUCell>({"gru", 46, 0.005, 8.54}, music, o);
    if (asks("lstm")) all &= compete<nn::LSTMCell>({"lstm", 36, 0.005, 8.67}, music, o);
    return all;
}

void declare(CLI::App& app, Options& o) {
    app.add_option(
           "--data", o.data,
           "JSB chorales: a JSON object of \"train\", \"valid\" and \"test\", lists of songs, which are lists of\n"
           "frames, which are lists of MIDI numbers (default: chords that the program makes up)")
        ->type_name("FILE");
    app.add_option("--cell", o.cell, "which (default: all)")->check(CLI::IsMember({"all", "tanh", "gru", "lstm"}));
    app.add_option("--seed", o.seed, "of weights, dropout and the order of songs (default: 1)");
    app.add_option("--epochs", o.epochs, "at most (default: 400)")->check(CLI::PositiveNumber);
    app.add_option("--state-dropout", o.dropped.state, "of the state, the same for a whole song (default: 0.2)")
        ->check(CLI::Range(0.0, 0.9));
    app.add_option("--output-dropout", o.dropped.output, "before the output layer (default: 0.2)")
        ->check(CLI::Range(0.0, 0.9));
    app.add_option("--checkpoint", o.checkpoint, "save each run here, and continue it from here: FILE.lstm …")
        ->type_name("FILE");
    app.add_flag("--check", o.check, "exit with 1 unless every cell reaches what Chung et al. report of the chorales");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("Cells predict the next notes of chorales.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Collection const music = o.data.empty() ? made_up_collection(o.seed) : read_collection(o.data);
    fmt::print("{}: {} songs to learn from, {} to validate, {} to test\n", music.source, music.train.size(),
               music.validation.size(), music.test.size());
    bool const reached = compete(music, o);
    return o.check && !reached ? 1 : 0;
} catch (std::exception const& e) {
    fmt::print(stderr, "11_chorales: {}\n", e.what());
    return 2;
}
