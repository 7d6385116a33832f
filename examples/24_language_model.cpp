// Which word comes next?  An embedding, an LSTM and a linear layer learn it, and write.  As many tutorials have it, of Keras, PyTorch and
// TensorFlow.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <unspool/autograd/system/atomic_file.hpp>

#include "language_model/text.hpp"

using namespace language_model;

namespace {

struct Options {
    std::filesystem::path data, write;
    std::uint64_t seed = 1;
    Index sentences = 2000, epochs = 6, most_words = 10'000, window = 30, to_write = 60;
    double at_most = 0;
};

constexpr Index width = 128, hidden = 128;
constexpr Index streams = 20;
constexpr double rate   = 4e-3;

struct Model {
    nn::Embedding embed;
    nn::LSTMCell lstm;
    nn::Linear out;

    Model(Params p, Index words)
        : embed(p / "embed", words, width), lstm(p / "lstm", width, hidden), out(p / "linear", hidden, words) {}

    struct Read {
        Var logits;  ///< [T,B,words]
        nn::LSTMCell::State state;
    };
    template <class Words> Read operator()(Tape& tape, Words const& words, nn::LSTMCell::State const& before) const {
        Var xs                 = embed(tape, words);
        auto const [hs, state] = scan(lstm, xs, before);
        return {out(stack(hs)), state};
    }
};

using Carried = Stateful<nn::LSTMCell::State>;

/// The sum of the losses of all words of a window; goes on with the state where the window before ended.
Var loss_of(Tape& tape, Model const& model, Corpus::Batch const& batch, Carried& carried) {
    if (batch.number == 0) carried.clear();
    auto const [logits, state] = model(tape, batch.inputs, carried.on(tape, model.lstm.zeros(tape, batch.size())));
    carried.save(state);
    return cross_entropy(logits, batch.targets, Over::sum);
}

void learn(Model const& model, Params const& params, Corpus text, Index epochs) {
    Adam adam(params, {.rate = rate});
    Tape tape;
    Carried carried;
    for (Index epoch = 1; epoch <= epochs; ++epoch) {
        double sum = 0, words = 0;
        for (auto const& batch : text.epoch()) {
            tape.rewind();
            Var loss            = loss_of(tape, model, batch, carried);
            Gradients gradients = backward(loss / static_cast<double>(batch.size()));
            clip_grad_norm(gradients, 5);
            adam.step(gradients);
            sum += loss.item(), words += batch.weight();
        }
        fmt::print("epoch {}: perplexity {:.2f}\n", epoch, perplexity(sum / words));
        std::fflush(stdout);
    }
}

/// Nats a word, read in one stream.
double judged(Model const& model, Symbols const& words) {
    Corpus text(words, {.streams = 1, .steps = 100});
    Tape tape;
    Carried carried;
    double sum = 0;
    for (auto const& batch : text.epoch()) {
        tape.rewind();
        Pause const pause(tape);
        sum += loss_of(tape, model, batch, carried).item();
    }
    return sum / static_cast<double>(words.size() - 1);
}

/// Nats a word of who knows how frequent each is, and nothing else.
double by_frequency(Symbols const& learned, Symbols const& words, Index different) {
    std::vector<double> count(static_cast<std::size_t>(different), 1);
    for (Index w : learned) ++count[static_cast<std::size_t>(w)];
    double sum = 0;
    for (Index w : words)
        sum -= std::log(count[static_cast<std::size_t>(w)] / static_cast<double>(std::ssize(learned) + different));
    return sum / static_cast<double>(words.size());
}

Index draw(Var const& logits, Random& random) {
    Var const p = softmax(logits);
    double left = random.uniform();
    for (Index k = 0; k < p.shape().back(); ++k)
        if ((left -= p.value<float>()(0, 0, k)) < 0) return k;
    return p.shape().back() - 1;
}

/// So many words, from the beginning of a line on.
std::string written(Model const& model, Vocabulary const& vocabulary, Index words, std::uint64_t seed) {
    Random random(seed);
    Symbols all{vocabulary["\n"]};
    Tape tape;
    Pause const pause(tape);
    Carried carried;
    while (std::ssize(all) <= words) {
        tape.rewind();
        auto const [logits, state] =
            model(tape, xt::xtensor<Index, 2>{{all.back()}}, carried.on(tape, model.lstm.zeros(tape, 1)));
        carried.save(state);
        all.push_back(draw(logits, random));
    }
    return vocabulary.decode(std::span(all).subspan(1));
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data, "a text (default: sentences that the program makes up)")->type_name("FILE");
    app.add_option("--sentences", o.sentences, "that are made up (default: 2000)")->check(CLI::Range(100, 1'000'000));
    app.add_option("--most-words", o.most_words, "that are told apart, the most frequent (default: 10000)")
        ->check(CLI::PositiveNumber);
    app.add_option("--window", o.window, "words that gradients go back at most (default: 30)")
        ->check(CLI::PositiveNumber);
    app.add_option("--epochs", o.epochs, "default: 6")->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "of weights, and of what is made up (default: 1)");
    app.add_option("--words", o.to_write, "that it writes at last (default: 60)")->check(CLI::PositiveNumber);
    app.add_option("--write", o.write, "write the text here, for benchmarks/torch/language_model.py")
        ->type_name("FOLDER");
    app.add_option("--at-most", o.at_most, "exit with 1 unless the perplexity of held-out text is at most this");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("An LSTM tells the next word of a text.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Text const text = o.data.empty() ? made_up_text(o.sentences, o.seed) : read_text(o.data);
    if (!o.write.empty()) {
        std::filesystem::create_directories(o.write);
        write_whole(o.write / "learned.txt", text.learned), write_whole(o.write / "held_out.txt", text.held_out);
    }
    auto const vocabulary = Vocabulary::of_words(text.learned, {.most = o.most_words, .text = {.newlines = true}});
    Symbols const learned = vocabulary.encode(text.learned), held_out = vocabulary.encode(text.held_out);
    fmt::print("{}: {} words to learn from, of which {} are different, and {} held out\n", text.source, learned.size(),
               vocabulary.size(), held_out.size());

    Params params(o.seed);
    Model const model(params, vocabulary.size());
    learn(model, params, Corpus(learned, {.streams = streams, .steps = o.window}), o.epochs);
    double const reached = perplexity(judged(model, held_out));
    fmt::print("perplexity of held-out text: {:.2f}; of who knows only how frequent words are, {:.2f}", reached,
               perplexity(by_frequency(learned, held_out, vocabulary.size())));
    if (text.perplexity) fmt::print("; of who knows the grammar, {:.2f}", *text.perplexity);
    fmt::print("\n\n{}\n", written(model, vocabulary, o.to_write, o.seed));
    return o.at_most == 0 || reached <= o.at_most ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "24_language_model: {}\n", e.what());
    return 2;
}
