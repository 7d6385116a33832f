// From French to English: an encoder, and a decoder that looks at what the encoder read.  As in PyTorch's tutorial "NLP from scratch:
// translation with a sequence to sequence network and attention".
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <sstream>
#include <unspool/autograd/system/atomic_file.hpp>

#include "translation/sentences.hpp"
#include "translation/translator.hpp"

using namespace translation;

namespace {

struct Options {
    std::filesystem::path data, write;
    std::uint64_t seed = 1;
    Index pairs = 2000, longest = 10, epochs = 10;
    double at_least = 0;
    bool reverse = false, verbose = false;
};

constexpr Index hidden = 64, batch_size = 32;
constexpr double rate = 3e-3;

/// One batch of all, in their order.
Sentences together(Words const& words, std::vector<Pair> const& pairs) {
    auto const n = std::ssize(pairs);
    return *SequenceBatches(words.encoded(pairs), {.size = n, .shuffle = false, .aligned = false}).next();
}

void learn(Translator const& model, Params const& params, Words const& words, Pairs const& pairs, Options const& o) {
    Random random(o.seed);
    SequenceBatches batches(words.encoded(pairs.learned), {.size = batch_size, .seed = o.seed, .aligned = false});
    Adam adam(params, {.rate = rate});
    auto const loss = [&](Tape& tape, auto const& batch, Mode mode) {
        Var logits = model.taught(tape, batch, words.end(), mode == Mode::train ? &random : nullptr);
        return cross_entropy(logits, batch.targets);
    };
    fit(params, adam, batches, loss, {.epochs = o.epochs, .clip_norm = 1, .quiet = !o.verbose});
}

/// What it says by itself of each sentence, without the end.
std::vector<Symbols> translated(Translator const& model, Words const& words, std::vector<Pair> const& pairs,
                                Index steps) {
    Tape tape;
    auto const said = model.said(tape, together(words, pairs), words.end(), steps);
    std::vector<Symbols> out(pairs.size());
    for (std::size_t b = 0; b < pairs.size(); ++b)
        for (std::size_t t = 0; t < said.shape(0) && said(t, b) != words.end(); ++t) out[b].push_back(said(t, b));
    return out;
}

double score(Translator const& model, Words const& words, std::vector<Pair> const& pairs, Index steps) {
    std::vector<Symbols> references = words.encoded(pairs).targets;
    for (Symbols& sentence : references) sentence.pop_back();  // the end
    return bleu(translated(model, words, pairs, steps), references);
}

/// A column for each word that is read, a row for each that is said.
void show_attention(Translator const& model, Words const& words, Pair const& pair) {
    Tape tape;
    Recorder recorder;
    auto const said    = model.said(tape, together(words, {pair}), words.end(), 12, &recorder);
    Var const weights  = recorder.sequence("weights");
    Symbols const read = words.from.encode(pair.from + "\n");
    for (std::size_t t = 0; t < said.shape(0); ++t) {
        bool const end = said(t, 0) == words.end();
        fmt::print("  {:>10}  ", end ? "end" : words.to[said(t, 0)]);
        for (std::size_t s = 0; s < read.size(); ++s)
            fmt::print("{:^9}", " .:-=+*#%@"[std::clamp(static_cast<int>(10 * weights.value<float>()(t, 0, s)), 0, 9)]);
        fmt::print("\n");
        if (end) break;
    }
    fmt::print("              ");
    for (Index word : read) fmt::print("{:^9}", word == words.from["\n"] ? "end" : words.from[word]);
    fmt::print("\n");
}

void write(Pairs const& pairs, std::filesystem::path const& folder) {
    std::filesystem::create_directories(folder);
    auto const text = [](std::vector<Pair> const& some) {
        std::string out;
        for (auto const& [from, to] : some) out += fmt::format("{}\t{}\n", from, to);
        return out;
    };
    write_whole(folder / "learned.tsv", text(pairs.learned)),
        write_whole(folder / "held_out.tsv", text(pairs.held_out));
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data,
                   "sentences, tabs, and translations, one a line (default: sentences that the program makes up)")
        ->type_name("FILE");
    app.add_flag("--reverse", o.reverse, "of the file, translate the second column into the first");
    app.add_option("--longest", o.longest, "of the file, sentences of so many words at most (default: 10)")
        ->check(CLI::PositiveNumber);
    app.add_option("--pairs", o.pairs, "that are made up (default: 2000)")->check(CLI::Range(10, 100'000));
    app.add_option("--epochs", o.epochs, "default: 10")->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "of weights, sentences, and which of them are held out (default: 1)");
    app.add_option("--write", o.write, "write all sentences here, for benchmarks/torch/translation.py")
        ->type_name("FOLDER");
    app.add_option("--at-least", o.at_least, "exit with 1 unless BLEU is so much, of 1");
    app.add_flag("--verbose", o.verbose, "print every epoch");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("An encoder-decoder with attention translates.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Pairs const pairs = o.data.empty() ? made_up_pairs(static_cast<std::size_t>(o.pairs), o.seed)
                                       : read_pairs(o.data, o.reverse, o.longest, o.seed);
    if (!o.write.empty()) write(pairs, o.write);
    Words const words(pairs.learned);
    fmt::print("{}: {} to learn from, {} held out, of {} and {} words\n", pairs.source, pairs.learned.size(),
               pairs.held_out.size(), words.from.size(), words.to.size());

    Params params(o.seed);
    Translator const model(params, words.from.size(), words.to.size(), hidden);
    learn(model, params, words, pairs, o);
    std::vector<Pair> const some(pairs.held_out.begin(),
                                 pairs.held_out.begin() + std::min<std::ptrdiff_t>(3, std::ssize(pairs.held_out)));
    auto const said = translated(model, words, some, 2 * o.longest);
    for (std::size_t i = 0; i < some.size(); ++i)
        fmt::print("> {}\n= {}\n< {}\n\n", some[i].from, some[i].to, words.to.decode(said[i]));
    show_attention(model, words, some[0]);
    double const reached = score(model, words, pairs.held_out, 2 * o.longest);
    fmt::print("BLEU of held-out sentences: {:.3f}\n", reached);
    return reached >= o.at_least ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "25_translation: {}\n", e.what());
    return 2;
}
