// Does a sentence praise or complain?  A recurrent network reads it word by word.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/system/atomic_file.hpp>

#include "sentiment/reviews.hpp"

using namespace sentiment;

namespace {

struct Options {
    std::filesystem::path data, held_out;
    std::string cell   = "rnn";
    std::uint64_t seed = 1;
    Index epochs = 20, longest = 50;
    double rate = 1e-3, at_least = 0;
    bool verbose = false;
};

constexpr Index words = 5000;

/// A layer of one's own: a GRU, and of its outputs the mean, by how much the last state looks at each.
struct Attention {
    Index units;

    struct Made {
        nn::GRU gru;
        nn::DotAttention look;

        nn::Passed operator()(nn::Passed const& in, Where where) const {
            auto const [hs, last] = gru(in.x, {.lengths = in.lengths}, where);
            return {.tape = in.tape, .x = look(last[-1], look.remember(hs, in.lengths)).context, .random = in.random};
        }
        Index out() const { return gru.layers()[0].cell.out(); }
    };
    Made make(Params p, Index in, Where where) const {
        return {nn::GRU(p, in, units, {}, {}, where), nn::DotAttention()};
    }
};

/// The share of test sentences that are told right.
template <class Layer> double learn(Reviews const& reviews, Layer const& recurrent, Options const& o) {
    DataSplit const split = random_split(std::ssize(reviews.labels), 0.2, o.seed);
    auto const all        = encoded(reviews, split.train, words, o.longest);
    if (!o.held_out.empty()) write_whole(o.held_out, fmt::format("{}\n", fmt::join(split.validation, "\n")));

    Params params(o.seed);
    nn::Sequential const model(params, keras::Embedding(words, 16), recurrent, keras::Dense(1, nn::sigmoid));
    Adam adam(params, {.rate = o.rate});
    auto const loss = [&](Tape& tape, auto const& batch, Mode) {
        Var p = model(tape, batch);
        return LossAndMetrics(bce(p, batch.targets), {binary_accuracy(p, batch.targets)});
    };
    fit(params, adam, select(all, split.train), {.size = 32, .seed = o.seed}, loss,
        {.epochs = o.epochs, .early = EarlyStopping{.patience = 5}, .quiet = !o.verbose, .validation_split = 0.2});
    Scores const test = evaluate(params, select(all, split.validation), {}, loss);

    fmt::print("{}of {} test sentences: {}\n", text(summary(model, {.steps = o.longest})), split.validation.size(),
               text(test));
    return test["accuracy"];
}

double learn(Reviews const& reviews, Options const& o) {
    if (o.cell == "lstm") return learn(reviews, keras::LSTM(32), o);
    if (o.cell == "gru") return learn(reviews, keras::GRU(32), o);
    if (o.cell == "bidirectional") return learn(reviews, keras::Bidirectional(keras::LSTM(32)), o);
    if (o.cell == "attention") return learn(reviews, Attention{32}, o);
    return learn(reviews, keras::SimpleRNN(32), o);
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data,
                   "a folder of files with a sentence, a tab, and 0 or 1 in each line (default: sentences that the "
                   "program makes up)")
        ->type_name("FOLDER");
    app.add_option("--cell", o.cell, "default: rnn")
        ->check(CLI::IsMember({"rnn", "lstm", "gru", "bidirectional", "attention"}));
    app.add_option("--epochs", o.epochs, "at most (default: 20)")->check(CLI::PositiveNumber);
    app.add_option("--longest", o.longest, "words of a sentence, the last ones (default: 50)")
        ->check(CLI::PositiveNumber);
    app.add_option("--rate", o.rate, "of Adam (default: 0.001)");
    app.add_option("--seed", o.seed, "of weights, order and splits (default: 1)");
    app.add_option("--held-out", o.held_out,
                   "write here the numbers of the test sentences, for benchmarks/torch/sentiment.py")
        ->type_name("FILE");
    app.add_option("--at-least", o.at_least, "exit with 1 unless this share of the test sentences is told right");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("A recurrent network tells praise from complaints.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Reviews const reviews = o.data.empty() ? made_up_reviews(2000, o.seed) : read_reviews(o.data);
    fmt::print("{}: {} of them\n", reviews.source, reviews.labels.size());
    return learn(reviews, o) >= o.at_least ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "16_sentiment: {}\n", e.what());
    return 2;
}
