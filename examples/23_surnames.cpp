// From what language is a surname, and how might another one of that language go on?  Two networks of linear maps read and write letter
// by letter, as in PyTorch's tutorials "NLP from scratch": classifying, and generating, names with a character-level RNN.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <unspool/autograd/system/atomic_file.hpp>

#include "names/surnames.hpp"

using namespace names;

namespace {

struct Options {
    std::filesystem::path data, held_out;
    std::uint64_t seed = 1;
    Index iterations   = 10'000;
    double at_least = 0, at_most = 0;
};

constexpr Index hidden = 128, longest = 20;

/// What a network makes of a letter.
struct Step {
    Var output, h;
};

/// Tells the language, after each letter.
struct Reader {
    nn::Linear i2h, i2o;

    Reader(Params p, Index letters, Index languages)
        : i2h(p / "i2h", letters + hidden, hidden), i2o(p / "i2o", letters + hidden, languages) {}

    Step operator()(Var letter, Var h0) const {
        Var combined = concat({letter, h0}, -1);
        Var h        = i2h(combined);
        Var output   = i2o(combined);
        return {log_softmax(output), h};
    }
};

/// Tells the next letter.
struct Writer {
    nn::Linear i2h, i2o, o2o;

    Writer(Params p, Index letters, Index languages)
        : i2h(p / "i2h", languages + letters + hidden, hidden)
        , i2o(p / "i2o", languages + letters + hidden, letters)
        , o2o(p / "o2o", hidden + letters, letters) {}

    Step operator()(Var language, Var letter, Var h0, Random* random) const {
        Var combined = concat({language, letter, h0}, -1);
        Var h        = i2h(combined);
        Var guess    = i2o(combined);
        Var output   = o2o(concat({h, guess}, -1));
        return {log_softmax(random ? dropout(output, 0.1, *random) : output), h};
    }
};

Symbols const& name_of(Surnames const& names, Index i) { return names.all.inputs[static_cast<std::size_t>(i)]; }
Index language_of(Surnames const& names, Index i) { return names.all.targets[static_cast<std::size_t>(i)]; }

Var one(Tape& tape, Index number, Index of) { return one_hot(tape, std::array{number}, of); }

Var nothing(Tape& tape) { return tape.constant(xt::zeros<float>({Index{1}, hidden})); }

/// Log-probabilities [1,languages] after the last letter.
Var read(Tape& tape, Reader const& reader, Symbols const& name, Index letters) {
    Step at{{}, nothing(tape)};
    for (Index letter : name) at = reader(one(tape, letter, letters), at.h);
    return at.output;
}

/// Minus the log-probability of all letters after the first, and of the end, which counts as the last of `letters`.
Var write(Tape& tape, Writer const& writer, Surnames const& names, Index n, Random* random) {
    Symbols const& name = name_of(names, n);
    Index const letters = names.letters.size() + 1;
    Var const language  = one(tape, language_of(names, n), std::ssize(names.languages));
    Var h = nothing(tape), loss = tape.constant(0.0);
    for (std::size_t i = 0; i < name.size(); ++i) {
        auto const step = writer(language, one(tape, name[i], letters), h, random);
        loss            = loss + nll(step.output, std::array{i + 1 < name.size() ? name[i + 1] : letters - 1});
        h               = step.h;
    }
    return loss;
}

/// How a name of this language may go on, by the most probable letters.
std::string written(Writer const& writer, Surnames const& names, Index language, Index first) {
    Index const letters = names.letters.size() + 1;
    Symbols name{first};
    Tape tape;
    Pause const pause(tape);
    Var h = nothing(tape);
    while (std::ssize(name) < longest) {
        auto const step =
            writer(one(tape, language, std::ssize(names.languages)), one(tape, name.back(), letters), h, nullptr);
        Index const next = argmax(step.output).numbers[0];
        if (next == letters - 1) break;
        name.push_back(next), h = step.h;
    }
    return names.letters.decode(name);
}

/// The names that are learned from, by their languages.
class Drawn {
public:
    Drawn(Surnames const& names, std::vector<Index> const& known) : lists_(names.languages.size()) {
        for (Index n : known) lists_[static_cast<std::size_t>(language_of(names, n))].push_back(n);
    }
    /// Of any language, any name.
    Index operator()(Random& random) const {
        auto const& list = lists_[random.below(lists_.size())];
        return list.empty() ? (*this)(random) : list[random.below(list.size())];
    }
    /// Some names of a language, from here and there in its list.
    std::vector<Index> some(Index language, std::size_t n) const {
        auto const& list = lists_[static_cast<std::size_t>(language)];
        std::vector<Index> out;
        for (std::size_t i = 0; i < n && !list.empty(); ++i) out.push_back(list[i * list.size() / n]);
        return out;
    }

private:
    std::vector<std::vector<Index>> lists_;
};

/// One example after the other.
template <class Loss> void learn(Params const& params, double rate, Index iterations, Loss const& loss_of) {
    Sgd sgd(params, {.rate = rate});
    Tape tape;
    Index const shown = std::max<Index>(1, iterations / 5);
    double sum        = 0;
    for (Index i = 1; i <= iterations; ++i) {
        tape.rewind();
        Var loss = loss_of(tape);
        sgd.step(backward(loss));
        sum += loss.item();
        if (i % shown == 0)
            fmt::print("  {} names: mean loss {:.3f}\n", i, std::exchange(sum, 0) / static_cast<double>(shown));
        std::fflush(stdout);
    }
}

using Confusion = xt::xtensor<double, 2>;  ///< [is,told]: of a language's names, the share that is told to be of each

/// Of held-out names; a row of zeros where a language has none.
Confusion confusion(Reader const& reader, Surnames const& names, std::vector<Index> const& held_out) {
    std::size_t const n = names.languages.size();
    Confusion out       = xt::zeros<double>({n, n});
    Tape tape;
    for (Index i : held_out) {
        tape.rewind();
        Pause const pause(tape);
        Index const told = argmax(read(tape, reader, name_of(names, i), names.letters.size())).numbers[0];
        out(static_cast<std::size_t>(language_of(names, i)), static_cast<std::size_t>(told)) += 1;
    }
    for (auto row = out.begin(); row != out.end(); row += std::ssize(names.languages)) {
        double const all = std::accumulate(row, row + std::ssize(names.languages), 0.0);
        if (all > 0) std::transform(row, row + std::ssize(names.languages), row, [&](double x) { return x / all; });
    }
    return out;
}

void show(Confusion const& told, Surnames const& names) {
    for (std::size_t is = 0; is < told.shape(0); ++is) {
        fmt::print("  {:>10}  ", names.languages[is]);
        for (std::size_t k = 0; k < told.shape(1); ++k)
            fmt::print("{} ", " .:-=+*#%@"[std::min(9, static_cast<int>(10 * told(is, k)))]);
        fmt::print("{:5.1f} %\n", 100 * told(is, is));
    }
}

/// The mean over the languages of the share of their held-out names that is told right.
double classify(Surnames const& names, DataSplit const& split, Options const& o) {
    Params params(o.seed);
    Reader const reader(params, names.letters.size(), std::ssize(names.languages));
    Random random(o.seed);
    Drawn const any(names, split.train);
    learn(params, 0.005, o.iterations, [&](Tape& tape) {
        Index const i = any(random);
        return nll(read(tape, reader, name_of(names, i), names.letters.size()), std::array{language_of(names, i)});
    });
    Confusion const told = confusion(reader, names, split.validation);
    show(told, names);
    double sum = 0;
    for (std::size_t k = 0; k < told.shape(0); ++k) sum += told(k, k);
    return sum / static_cast<double>(told.shape(0));
}

/// Nats a letter of held-out names.
double generate(Surnames const& names, DataSplit const& split, Options const& o) {
    Params params(o.seed);
    Writer const writer(params, names.letters.size() + 1, std::ssize(names.languages));
    Random random(o.seed);
    Drawn const any(names, split.train);
    learn(params, 0.0005, o.iterations, [&](Tape& tape) { return write(tape, writer, names, any(random), &random); });

    double sum = 0, letters = 0;
    Tape tape;
    for (Index i : split.validation) {
        tape.rewind();
        Pause const pause(tape);
        sum += write(tape, writer, names, i, nullptr).item();
        letters += static_cast<double>(name_of(names, i).size());
    }
    for (Index k = 0; k < std::ssize(names.languages); ++k) {
        fmt::print("  {:>10}", names.languages[static_cast<std::size_t>(k)]);
        for (Index like : any.some(k, 3)) fmt::print("  {}", written(writer, names, k, name_of(names, like)[0]));
        fmt::print("\n");
    }
    return sum / letters;
}

void declare(CLI::App& app, Options& o) {
    app.add_option("--data", o.data,
                   "a file of names for each language, one a line (default: names that the program makes up)")
        ->type_name("FOLDER");
    app.add_option("--iterations", o.iterations, "names that each network sees, one by one (default: 10000)")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "of weights, names, and which of them are held out (default: 1)");
    app.add_option("--held-out", o.held_out,
                   "write here the numbers of the names that are held out, for benchmarks/torch/surnames.py")
        ->type_name("FILE");
    app.add_option("--at-least", o.at_least, "exit with 1 unless this share is told right");
    app.add_option("--at-most", o.at_most, "exit with 1 unless a letter is written at so many nats");
}

}  // namespace

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("Networks tell the languages of surnames, and write some.");
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    Surnames const names  = o.data.empty() ? made_up_surnames(o.seed) : read_surnames(o.data);
    DataSplit const split = random_split(names.all.size(), 0.1, o.seed);
    if (!o.held_out.empty()) write_whole(o.held_out, fmt::format("{}\n", fmt::join(split.validation, "\n")));
    fmt::print("{}: {} names of {} languages, {} different letters\n", names.source, names.all.size(),
               names.languages.size(), names.letters.size());
    double const right = classify(names, split, o);
    fmt::print("of held-out names, {:.1f} % are told right, as a mean over the languages\n", 100 * right);
    double const nats = generate(names, split, o);
    fmt::print("a letter of held-out names takes {:.3f} nats\n", nats);
    return right >= o.at_least && (o.at_most == 0 || nats <= o.at_most) ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "23_surnames: {}\n", e.what());
    return 2;
}
