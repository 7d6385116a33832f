// An encoder-decoder with attention learns to write words backwards, and shows which letter it looks at when it writes one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>

#include "attention/speller.hpp"

using namespace attention;

namespace {

constexpr Index shortest = 3, longest = 12;

Symbols word(Random& random) {
    Symbols out(static_cast<std::size_t>(shortest) + random.below(longest - shortest + 1));
    for (Index& letter : out) letter = static_cast<Index>(random.below(letters));
    return out;
}

/// Words, and the same backwards, with an end.
Strings backwards(std::vector<Symbols> words) {
    Sequences<Symbols, Symbols> out;
    for (Symbols const& w : words) {
        out.targets.emplace_back(w.rbegin(), w.rend());
        out.targets.back().push_back(end);
    }
    out.inputs       = std::move(words);
    Index const size = out.size();
    return *SequenceBatches(std::move(out), {.size = size, .shuffle = false, .aligned = false}).next();
}

Strings some(Index n, Random& random) {
    std::vector<Symbols> words;
    while (std::ssize(words) < n) words.push_back(word(random));
    return backwards(std::move(words));
}

void learn(Speller const& speller, Params const& params, Index updates, Random& random) {
    Adam adam(params, {.rate = 3e-3});
    Scheduler rate(adam, schedule::cosine(updates, 0.01));
    Tape tape;
    for (Index u = 1; u <= updates; ++u) {
        tape.rewind();
        Strings const batch = some(64, random);
        Var loss            = cross_entropy(speller.taught(tape, batch), batch.targets);
        Gradients gradients = backward(loss);
        clip_grad_norm(gradients, 1);
        adam.step(gradients), rate.step();
        if (u % std::max<Index>(1, updates / 5) == 0) fmt::print("update {}: loss {:.4f}\n", u, loss.item());
        std::fflush(stdout);
    }
}

/// The share of words that are right from the first letter to the end, where nobody helps.
double right(Speller const& speller, Strings const& batch) {
    Tape tape;
    auto const written = speller.written(tape, batch, longest + 1);
    Index good         = 0;
    for (std::size_t b = 0; b < written.shape(1); ++b) {
        bool same = true;
        for (std::size_t t = 0; t < batch.targets.shape(0); ++t)
            same &= batch.targets(t, b) == batch.ignored || batch.targets(t, b) == written(t, b);
        good += same;
    }
    return static_cast<double>(good) / static_cast<double>(batch.size());
}

/// A column for each letter that is read, a row for each that is written.
void show(Speller const& speller, std::string_view text) {
    Symbols read;
    for (char c : text) read.push_back(c - 'a');
    Tape tape;
    Recorder recorder;
    auto const written = speller.written(tape, backwards({read}), std::ssize(read) + 1, &recorder);
    fmt::print("\n       ");
    for (char c : text) fmt::print("{} ", c);
    Var const weights = recorder.sequence("weights");
    for (std::size_t t = 0; t < written.shape(0); ++t) {
        fmt::print("\n    {}  ",
                   written(t, 0) == end ? "end" : fmt::format(" {} ", static_cast<char>('a' + written(t, 0))));
        for (std::size_t s = 0; s < read.size(); ++s)
            fmt::print("{} ", " .:-=+*#%@"[std::clamp(static_cast<int>(10 * weights.value<float>()(t, 0, s)), 0, 9)]);
    }
    fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) try {
    Index updates      = 2500;
    std::uint64_t seed = 1;
    double wanted      = 0;
    std::string text   = "unspooled";
    CLI::App app("An encoder-decoder with attention learns to write words backwards.");
    app.add_option("--updates", updates, "default: 2500")->check(CLI::PositiveNumber);
    app.add_option("--seed", seed, "of weights and words (default: 1)");
    app.add_option("--word", text, "to show the attention for: 3 to 12 letters from a to z")
        ->check([](std::string const& s) {
            return s.size() >= 3 && s.size() <= 12 && s.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == s.npos
                       ? ""
                       : "3 to 12 letters from a to z";
        });
    app.add_option("--at-least", wanted, "exit with 1 unless this share of unseen words is right");
    CLI11_PARSE(app, argc, argv);

    Params params(seed);
    Speller const speller(params, 32, 64);
    Random random(seed), unseen(seed + 1'000'003);
    learn(speller, params, updates, random);
    double const reached = right(speller, some(2000, unseen));
    fmt::print("{:.2f} % of 2,000 other words are right from the first letter to the end\n", 100 * reached);
    show(speller, text);
    return reached >= wanted ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "10_attention: {}\n", e.what());
    return 2;
}
