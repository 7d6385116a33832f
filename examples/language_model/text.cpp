// Text from files, and from a grammar.
#include "text.hpp"
#include <array>
#include <cmath>
#include <unspool/autograd/system/atomic_file.hpp>

namespace language_model {

namespace {

struct Word {
    char const *one, *many;  // "dog", "dogs"; "sleeps", "sleep"
};
constexpr std::array nouns{Word{"dog", "dogs"},         Word{"cat", "cats"},       Word{"farmer", "farmers"},
                           Word{"teacher", "teachers"}, Word{"child", "children"}, Word{"bird", "birds"},
                           Word{"horse", "horses"},     Word{"friend", "friends"}};
constexpr std::array articles{Word{"the", "the"}, Word{"a", "some"}, Word{"every", "many"}, Word{"this", "these"}};
constexpr std::array adjectives{"small", "tall", "young", "happy", "black", "quiet"};
constexpr std::array deeds{Word{"sees", "see"},   Word{"feeds", "feed"}, Word{"follows", "follow"},
                           Word{"likes", "like"}, Word{"hears", "hear"}, Word{"knows", "know"}};
constexpr std::array states{Word{"sleeps", "sleep"}, Word{"sings", "sing"}, Word{"waits", "wait"}, Word{"runs", "run"}};
constexpr std::array places{"near the river", "in the garden", "on the hill", "behind the house"};

/// Says sentences, and how improbable they were: no sentence comes about in two ways.
class Grammar {
public:
    explicit Grammar(std::uint64_t seed) : random_(seed) {}

    std::string sentence() {
        bool const many       = chance(0.5);
        std::string const out = thing(many, true);
        return out + " " + act(many) + " .\n";
    }
    double nats() const { return nats_; }  ///< of all sentences so far

private:
    bool chance(double p) {
        bool const yes = random_.uniform() < p;
        nats_ -= std::log(yes ? p : 1 - p);
        return yes;
    }
    auto const& any(auto const& list) {
        nats_ += std::log(static_cast<double>(list.size()));
        return list[random_.below(list.size())];
    }
    std::string any(auto const& list, bool many) {
        Word const& w = any(list);
        return many ? w.many : w.one;
    }
    std::string thing(bool many, bool may_have_clause) {
        std::string out = any(articles, many);
        if (chance(0.4)) out += std::string(" ") + any(adjectives);
        out += " " + any(nouns, many);
        return may_have_clause && chance(0.4) ? out + " that " + clause(many) : out;
    }
    std::string deed(bool many) {
        std::string const out = any(deeds, many);
        return out + " " + thing(chance(0.5), false);
    }
    /// "sees a dog", of which "that" is the subject, or "a dog sees".
    std::string clause(bool many) {
        if (chance(0.5)) return deed(many);
        bool const others     = chance(0.5);
        std::string const out = thing(others, false);
        return out + " " + any(deeds, others);
    }
    std::string act(bool many) {
        std::string const out = chance(0.5) ? any(states, many) : deed(many);
        return chance(0.3) ? out + " " + any(places) : out;
    }

    Random random_;
    double nats_ = 0;
};

double words_in(std::string const& text) {
    double n = 0;
    for (char c : text) n += c == ' ' || c == '\n' ? 1 : 0;
    return n + static_cast<double>(std::count(text.begin(), text.end(), '\n'));  // each of which is a word, too
}

}  // namespace

Text read_text(std::filesystem::path const& file) {
    std::string const text  = read_whole(file);
    std::size_t const place = text.find('\n', text.size() / 10 * 9), cut = std::min(place, text.size() - 1) + 1;
    if (text.empty()) throw FileError(file.string() + ": there is no text in it");
    return {file.string(), text.substr(0, cut), text.substr(cut), {}};
}

Text made_up_text(Index sentences, std::uint64_t seed) {
    Grammar grammar(seed);
    Text out{"text that the program makes up", {}, {}, {}};
    for (Index i = 0; i < sentences; ++i) out.learned += grammar.sentence();
    double const before = grammar.nats();
    for (Index i = 0; i < sentences / 10; ++i) out.held_out += grammar.sentence();
    out.perplexity = std::exp((grammar.nats() - before) / words_in(out.held_out));
    return out;
}

}  // namespace language_model
