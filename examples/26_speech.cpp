// Which digits are said?  A network hears frames of sound, nobody tells it where one digit ends and the next begins: connectionist temporal
// classification, as in Keras's example "Automatic speech recognition using CTC", in small.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "speech/frames.hpp"
#include "speech/utterances.hpp"

using namespace speech;

namespace {

struct Options {
    std::filesystem::path data, write;
    std::uint64_t seed = 1;
    Index utterances = 500, epochs = 12;
    double at_most = 1;
    bool verbose   = false;
};

constexpr Index hidden = 64, batch_size = 16, classes = 11;
constexpr double rate = 5e-3;

using Heard = Sequences<Features<double>, Symbols>;

/// Of all frames that are learned from, so that none says more than another because it is louder.
Standardiser scale_of(Heard const& heard) {
    std::size_t frames = 0, at = 0;
    for (auto const& x : heard.inputs) frames += x.shape(0);
    xt::xtensor<double, 2> all = xt::empty<double>({frames, static_cast<std::size_t>(bands)});
    for (auto const& x : heard.inputs) {
        std::copy(x.begin(), x.end(), all.begin() + static_cast<std::ptrdiff_t>(at));
        at += x.size();
    }
    return Standardiser(all);
}

Heard scaled(Standardiser const& scale, Heard heard) {
    for (auto& x : heard.inputs) x = scale.apply(x);
    return heard;
}

struct Model {
    nn::LSTM lstm;
    nn::Linear out;

    explicit Model(Params p)
        : lstm(p / "lstm", bands, hidden, {.bidirectional = true}), out(p / "out", 2 * hidden, classes) {}

    /// Log-probabilities [T,B,classes].
    template <class Batch> Var operator()(Tape& tape, Batch const& batch) const {
        auto const [ys, state] = lstm(tape.constant(batch.inputs), {.lengths = batch.lengths});
        Var logits             = out(ys);
        return log_softmax(logits);
    }
};

/// Targets without what they were filled up with.
template <class Batch> std::vector<Symbols> targets_of(Batch const& batch) {
    std::vector<Symbols> out;
    for (std::size_t b = 0; b < batch.targets.shape(1); ++b)
        for (out.emplace_back(); std::ssize(out.back()) < batch.target_lengths[b];)
            out.back().push_back(batch.targets(out.back().size(), b));
    return out;
}

void learn(Model const& model, Params const& params, Heard const& heard, Options const& o) {
    SequenceBatches batches(heard, {.size = batch_size, .seed = o.seed, .bucket = 4, .aligned = false});
    Adam adam(params, {.rate = rate});
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        return ctc(model(tape, batch), targets_of(batch), {.lengths = batch.lengths});
    };
    fit(params, adam, batches, loss,
        {.epochs = o.epochs, .clip_norm = 1, .mean_over = MeanOver::size, .quiet = !o.verbose});
}

std::string text(Symbols const& classes_said) {
    std::string out;
    for (Index c : classes_said) out += static_cast<char>('0' + c - 1);
    return out;
}

/// Insertions, deletions and substitutions, divided by the digits that were said; prints the first few.
double error_rate(Model const& model, Heard const& heard) {
    auto const all  = *SequenceBatches(heard, {.size = heard.size(), .shuffle = false, .aligned = false}).next();
    auto const said = targets_of(all);
    Tape tape;
    Pause const pause(tape);
    auto const understood = ctc_decode(model(tape, all), all.lengths);
    Index errors = 0, digits = 0;
    for (std::size_t b = 0; b < said.size(); ++b) {
        if (b < 5) fmt::print("{} was said, {} understood\n", text(said[b]), text(understood[b]));
        errors += edit_distance(understood[b], said[b]), digits += std::ssize(said[b]);
    }
    return static_cast<double>(errors) / static_cast<double>(digits);
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data,
                   "WAV files whose names begin with what is said in them, 314.wav: PCM of 16 bits, one channel, 8,000 "
                   "samples a second (default: a voice of the program's own)")
        ->type_name("FOLDER");
    app.add_option("--utterances", o.utterances, "that are made up (default: 500)")->check(CLI::Range(10, 100'000));
    app.add_option("--epochs", o.epochs, "default: 12")->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "of weights, sounds, and which of them are held out (default: 1)");
    app.add_option("--write", o.write, "write all sounds here, to listen to, and for benchmarks/torch/speech.py")
        ->type_name("FOLDER");
    app.add_option("--at-most", o.at_most, "exit with 1 unless the error rate is at most this");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("A network understands digits.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Utterances const all = o.data.empty() ? made_up_utterances(o.utterances, o.seed) : read_utterances(o.data, o.seed);
    if (!o.write.empty()) write_utterances(all, o.write);
    Heard const learned = encoded(all.learned), held_out = encoded(all.held_out);
    fmt::print("{}: {} to learn from, {} held out\n", all.source, learned.size(), held_out.size());

    Standardiser const scale = scale_of(learned);
    Params params(o.seed);
    Model const model(params);
    learn(model, params, scaled(scale, learned), o);
    double const errors = error_rate(model, scaled(scale, held_out));
    fmt::print("errors in held-out digits: {:.1f} %\n", 100 * errors);
    return errors <= o.at_most ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "26_speech: {}\n", e.what());
    return 2;
}
