// The embedded Reber grammar: strings, and what is learned of them.
#include "reber.hpp"

#include <fmt/format.h>
#include <numeric>

#include "learning.hpp"
#include "tasks.hpp"

namespace tasks {

namespace {

struct Arrow {
    char symbol;
    std::size_t to;
};

/// By node, of the inner grammar from 0; 7 is its end.
std::vector<Arrow> const& arrows(std::size_t node) {
    static std::array<std::vector<Arrow>, 7> const all{{{{'B', 1}},
                                                        {{'T', 2}, {'P', 3}},
                                                        {{'S', 2}, {'X', 4}},
                                                        {{'T', 3}, {'V', 5}},
                                                        {{'X', 3}, {'S', 6}},
                                                        {{'P', 4}, {'V', 6}},
                                                        {{'E', 7}}}};
    return all[node];
}

constexpr std::size_t inner_end = 7;

std::size_t number(char symbol) { return reber_symbols.find(symbol); }

void add(ReberString& to, char symbol, std::string_view legal) {
    to.legal.emplace_back();
    for (char c : legal) to.legal.back()[number(c)] = true;
    to.symbols.push_back(static_cast<Index>(number(symbol)));
}

void add_inner(ReberString& to, Random& random) {
    for (std::size_t node = 0; node != inner_end;) {
        auto const& choices = arrows(node);
        Arrow const chosen  = choices[random.below(choices.size())];
        std::string legal;
        for (Arrow const& a : choices) legal += a.symbol;
        add(to, chosen.symbol, legal);
        node = chosen.to;
    }
}

/// The rest of `s` after a string of the inner grammar; none if it does not begin with one.
std::optional<std::string_view> after_inner(std::string_view s) {
    for (std::size_t node = 0; node != inner_end; s.remove_prefix(1)) {
        auto const& choices = arrows(node);
        auto const it       = std::find_if(choices.begin(), choices.end(),
                                           [&](Arrow const& a) { return !s.empty() && a.symbol == s.front(); });
        if (it == choices.end()) return std::nullopt;
        node = it->to;
    }
    return s;
}

using Strings = nn::Batch<Symbols, Symbols>;

struct Exam {
    Strings batch;  // a string without its last symbol, and without its first
    std::vector<ReberString> strings;
};

Exam strings(Index size, Random& random) {
    Exam out;
    Sequences<Symbols, Symbols> all;
    for (Index i = 0; i < size; ++i) {
        out.strings.push_back(reber_string(random));
        Symbols const& s = out.strings.back().symbols;
        all.inputs.emplace_back(s.begin(), s.end() - 1), all.targets.emplace_back(s.begin() + 1, s.end());
    }
    SequenceBatches batches(std::move(all), {.size = size, .shuffle = false});
    out.batch = *batches.next();
    return out;
}

/// Are the symbols that are most likely, as many as are legal, those that are?
bool accepted(float const* logits, std::array<bool, 7> const& legal) {
    std::array<std::size_t, 7> by_likelihood;
    std::iota(by_likelihood.begin(), by_likelihood.end(), std::size_t{0});
    std::sort(by_likelihood.begin(), by_likelihood.end(),
              [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
    auto const n = std::count(legal.begin(), legal.end(), true);
    return std::all_of(by_likelihood.begin(), by_likelihood.begin() + n, [&](std::size_t k) { return legal[k]; });
}

struct Share {
    Index right = 0, all = 0;

    void add(bool r) { right += r, ++all; }
    double value() const { return static_cast<double>(right) / static_cast<double>(all); }
};

}  // namespace

ReberString reber_string(Random& random) {
    ReberString out;
    bool const t     = random.below(2) == 0;
    char const outer = t ? 'T' : 'P';
    out.symbols.push_back(static_cast<Index>(number('B')));
    add(out, outer, "TP");
    add_inner(out, random);
    add(out, outer, {&outer, 1});
    add(out, 'E', "E");
    return out;
}

bool is_reber(std::string_view s) {
    if (s.size() < 2 || s[0] != 'B' || (s[1] != 'T' && s[1] != 'P')) return false;
    auto const rest = after_inner(s.substr(2));
    return rest && rest->size() == 2 && (*rest)[0] == s[1] && (*rest)[1] == 'E';
}

Figure reber(std::uint64_t seed) {
    Params params(seed);
    Model<nn::LSTMCell> const model(params, 7, 16, 7, nn::LSTMCellOptions{.forget_bias = 2});
    auto const logits = [&](Tape& tape, Strings const& b) { return model.each(one_hot(tape, b.inputs, 7)); };
    learn(params, {.updates = 1500, .batch = 32}, seed, strings,
          [&](Tape& tape, Exam const& j) { return cross_entropy(logits(tape, j.batch), j.batch.targets); });

    Tape tape;
    Random random(unseen(seed));
    Exam const exam  = strings(2000, random);
    Var const scores = logits(tape, exam.batch);
    Share symbols, whole, remembered;
    for (std::size_t i = 0; i < exam.strings.size(); ++i) {
        auto const& legal = exam.strings[i].legal;
        Index wrong       = 0;
        for (std::size_t t = 0; t < legal.size(); ++t) {
            bool const good = accepted(scores.value<float>().data() + (t * exam.strings.size() + i) * 7, legal[t]);
            symbols.add(good), wrong += !good;
            if (t + 2 == legal.size()) remembered.add(good);
        }
        whole.add(wrong == 0);
    }
    return {"LSTM 16, forget bias 2, 1,500 updates",
            "steps at which the most likely symbols are the legal ones",
            symbols.value(),
            0.99,
            false,
            fmt::format("{:.1f} % of whole strings, {:.1f} % of last symbols but one", 100 * whole.value(),
                        100 * remembered.value())};
}

}  // namespace tasks
