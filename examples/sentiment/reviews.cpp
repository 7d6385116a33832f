// Sentences from files, and from a grammar.
#include "reviews.hpp"
#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace sentiment {

namespace {

std::string plain(std::string text) {
    for (char& c : text) {
        auto const u = static_cast<unsigned char>(c);
        c            = std::isalpha(u) || c == '\'' ? static_cast<char>(std::tolower(u)) : ' ';
    }
    return text;
}

void read(std::filesystem::path const& file, Reviews& to) {
    TextFile const source(file.string());
    std::string const text = source.read(0, source.size());
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size()), tab = text.rfind('\t', end);
        if (tab == text.npos || tab < at || (text[tab + 1] != '0' && text[tab + 1] != '1'))
            throw FileError(fmt::format("{}: a line does not end in a tab and 0 or 1: \"{}\"", file.string(),
                                        text.substr(at, std::min<std::size_t>(end - at, 60))));
        to.sentences.push_back(plain(text.substr(at, tab - at)));
        to.labels.push_back(text[tab + 1] - '0');
        at = end + 1;
    }
}

template <std::size_t N> char const* any(std::array<char const*, N> const& words, Random& random) {
    return words[random.below(N)];
}

constexpr std::array things{"the food",  "the service", "this phone", "the sound",
                            "the story", "the acting",  "our waiter", "the battery"};
constexpr std::array degrees{"", "really ", "very ", "quite "};
constexpr std::array praise{"good", "great", "lovely", "excellent", "charming", "perfect"};
constexpr std::array blame{"bad", "awful", "boring", "poor", "terrible", "disappointing"};

/// "the food was not really good"
std::string clause(bool praises, Random& random) {
    bool const denied = random.below(3) == 0;
    return fmt::format("{} was {}{}{}", any(things, random), denied ? "not " : "", any(degrees, random),
                       praises != denied ? any(praise, random) : any(blame, random));
}

}  // namespace

Reviews read_reviews(std::filesystem::path const& folder) {
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    Reviews out{folder.string(), {}, {}};
    for (auto const& file : files) read(file, out);
    return out;
}

Reviews made_up_reviews(Index n, std::uint64_t seed) {
    Random random(seed);
    Reviews out{"sentences that the program makes up", {}, {}};
    for (Index i = 0; i < n; ++i) {
        bool const praises = random.below(2) == 1;
        std::string text   = clause(praises, random);
        if (random.below(2) == 1) text = clause(!praises, random) + " but " + text;
        if (random.below(2) == 1) text = "i went there last week with my family and " + text;
        out.sentences.push_back(text), out.labels.push_back(praises ? 1 : 0);
    }
    return out;
}

Sequences<Symbols, Index> encoded(Reviews const& reviews, std::vector<Index> const& known, Index words, Index longest) {
    std::string text;
    for (Index i : known) text += reviews.sentences[static_cast<std::size_t>(i)] + '\n';
    auto const vocabulary = Vocabulary::of_words(text, {.most = words - 2, .padding = true});
    Sequences<Symbols, Index> out{{}, reviews.labels};
    for (auto const& sentence : reviews.sentences) {
        Symbols x = vocabulary.encode(sentence);
        if (x.empty()) x = {*vocabulary.unknown()};
        out.inputs.emplace_back(x.end() - std::min(longest, std::ssize(x)), x.end());
    }
    return out;
}

}  // namespace sentiment
