// From what language is a surname?  An LSTM reads it letter by letter.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/system/atomic_file.hpp>

#include "names/surnames.hpp"

using namespace names;

namespace {

struct Options {
    std::filesystem::path data, held_out;
    std::uint64_t seed = 1;
    Index epochs = 10, threads = 1;
    double at_least = 0;
    bool verbose    = false;
};

constexpr Index width = 32, hidden = 128, batch_size = 64;
constexpr double rate = 2e-3;

struct Model {
    nn::Embedding letters;
    nn::LSTMCell lstm;
    nn::Linear out;

    Model(Params p, Index symbols, Index languages)
        : letters(p / "letters", symbols, width), lstm(p / "lstm", width, hidden), out(p / "out", hidden, languages) {}

    /// Logits [B,languages], from the state after the last letter of each name.
    Var operator()(Tape& tape, nn::Batch<Symbols, Index> const& batch) const {
        auto const read =
            scan(lstm, letters(tape, batch.inputs), lstm.zeros(tape, batch.size()), {.lengths = batch.lengths});
        return out(read.state.h);
    }
};

void write(std::vector<Index> const& numbers, std::filesystem::path const& path) {
    std::string lines;
    for (Index n : numbers) lines += fmt::format("{}\n", n);
    write_whole(path, lines);
}

/// The share of held-out names of which the language is found.
double learn(Surnames const& names, DataSplit const& split, Options const& o) {
    Params params(o.seed);
    Model const model(params, names.letters.size(), std::ssize(names.languages));
    SequenceBatches train(select(names.all, split.train), {.size = batch_size, .seed = o.seed}),
        held_out(select(names.all, split.validation), {.size = 256, .shuffle = false, .bucket = 1});
    Adam adam(params, {.rate = rate});
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        Var logits = model(tape, batch);
        return LossAndMetrics(cross_entropy(logits, batch.targets), {accuracy(logits, batch.targets)});
    };
    History const history = fit(params, adam, train, loss, held_out,
                                {.epochs = o.epochs, .threads = o.threads, .clip_norm = 1, .quiet = !o.verbose});
    auto const seconds    = history["seconds"];
    fmt::print("after {} epochs in {:.1f} s, {:.2f} % of the held-out names are told right\n", o.epochs,
               std::accumulate(seconds.begin(), seconds.end(), 0.0), 100 * history.last("validation_accuracy"));
    return history.last("validation_accuracy");
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data,
                   "a file of names for each language, one a line (default: names that the program makes up)")
        ->type_name("FOLDER");
    app.add_option("--epochs", o.epochs, "default: 10")->check(CLI::PositiveNumber);
    app.add_option("--threads", o.threads, "default: 1")->check(CLI::Range(1, 64));
    app.add_option("--seed", o.seed, "of weights, the order of names, and which of them are held out (default: 1)");
    app.add_option("--held-out", o.held_out,
                   "write here the numbers of the names that are held out, for benchmarks/torch/names.py")
        ->type_name("FILE");
    app.add_option("--at-least", o.at_least, "exit with 1 unless this share is told right");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("An LSTM tells the languages of surnames.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Surnames const names  = o.data.empty() ? made_up_surnames(o.seed) : read_surnames(o.data);
    DataSplit const split = random_split(names.all.size(), 0.1, o.seed);
    if (!o.held_out.empty()) write(split.validation, o.held_out);
    fmt::print("{}: {} names of {} languages, {} different letters; {} are held out, and whoever always says the most "
               "frequent language "
               "tells {:.2f} % of them right\n",
               names.source, names.all.size(), names.languages.size(), names.letters.size(), split.validation.size(),
               100 * names.majority(split.validation));
    return learn(names, split, o) >= o.at_least ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "09_names: {}\n", e.what());
    return 2;
}
