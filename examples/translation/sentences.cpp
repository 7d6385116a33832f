// Sentences in two languages, from files, and from a grammar.
#include "sentences.hpp"
#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <unspool/autograd/system/atomic_file.hpp>

namespace translation {

namespace {

/// Of the nouns that go with them, and of persons: masculine, feminine, and the same of several.
enum Form { he, she, they, they_all_women };

struct Subject {
    char const *french, *english, *french_is, *english_is;
    std::size_t person;         // 0 to 5
    std::array<Form, 2> forms;  // that it may have
};
constexpr std::array subjects{Subject{"je", "i", "suis", "am", 0, {he, she}},
                              Subject{"tu", "you", "es", "are", 1, {he, she}},
                              Subject{"il", "he", "est", "is", 2, {he, he}},
                              Subject{"elle", "she", "est", "is", 2, {she, she}},
                              Subject{"nous", "we", "sommes", "are", 3, {they, they_all_women}},
                              Subject{"ils", "they", "sont", "are", 5, {they, they}},
                              Subject{"elles", "they", "sont", "are", 5, {they_all_women, they_all_women}}};

struct Verb {
    std::array<char const*, 6> french;
    char const *english, *with_s;
};
constexpr std::array verbs{
    Verb{{"vois", "vois", "voit", "voyons", "voyez", "voient"}, "see", "sees"},
    Verb{{"cherche", "cherches", "cherche", "cherchons", "cherchez", "cherchent"}, "look for", "looks for"},
    Verb{{"trouve", "trouves", "trouve", "trouvons", "trouvez", "trouvent"}, "find", "finds"},
    Verb{{"vends", "vends", "vend", "vendons", "vendez", "vendent"}, "sell", "sells"},
    Verb{{"prends", "prends", "prend", "prenons", "prenez", "prennent"}, "take", "takes"},
    Verb{{"garde", "gardes", "garde", "gardons", "gardez", "gardent"}, "keep", "keeps"},
    Verb{{"montre", "montres", "montre", "montrons", "montrez", "montrent"}, "show", "shows"},
    Verb{{"connais", "connais", "connait", "connaissons", "connaissez", "connaissent"}, "know", "knows"}};

struct Noun {
    char const *french, *english;
    std::size_t feminine;
};
constexpr std::array nouns{Noun{"chat", "cat", 0},     Noun{"chien", "dog", 0},     Noun{"livre", "book", 0},
                           Noun{"cheval", "horse", 0}, Noun{"jardin", "garden", 0}, Noun{"maison", "house", 1},
                           Noun{"voiture", "car", 1},  Noun{"fleur", "flower", 1},  Noun{"table", "table", 1},
                           Noun{"porte", "door", 1}};

using Adjective = std::pair<std::array<char const*, 4>, char const*>;  // in the forms that there are; in English
constexpr std::array<std::array<char const*, 2>, 4> articles{
    {{"un", "une"}, {"le", "la"}, {"mon", "ma"}, {"ce", "cette"}}};
constexpr std::array english_articles{"a", "the", "my", "this"};
constexpr std::array before{Adjective{{"petit", "petite", "", ""}, "small"},
                            Adjective{{"grand", "grande", "", ""}, "big"},
                            Adjective{{"beau", "belle", "", ""}, "nice"}};
constexpr std::array behind{Adjective{{"rouge", "rouge", "", ""}, "red"}, Adjective{{"noir", "noire", "", ""}, "black"},
                            Adjective{{"vert", "verte", "", ""}, "green"},
                            Adjective{{"blanc", "blanche", "", ""}, "white"},
                            Adjective{{"perdu", "perdue", "", ""}, "lost"}};
constexpr std::array moods{Adjective{{"fatigue", "fatiguee", "fatigues", "fatiguees"}, "tired"},
                           Adjective{{"heureux", "heureuse", "heureux", "heureuses"}, "happy"},
                           Adjective{{"malade", "malade", "malades", "malades"}, "ill"},
                           Adjective{{"content", "contente", "contents", "contentes"}, "glad"},
                           Adjective{{"pret", "prete", "prets", "pretes"}, "ready"}};
constexpr std::array<std::array<char const*, 2>, 4> degrees{
    {{"", ""}, {"tres ", "very "}, {"trop ", "too "}, {"si ", "so "}}};
constexpr std::array<std::array<char const*, 2>, 5> places{{{"", ""},
                                                            {" dans la rue", " in the street"},
                                                            {" pres de la gare", " near the station"},
                                                            {" ce soir", " tonight"},
                                                            {" aujourd hui", " today"}}};

auto const& any(auto const& list, Random& random) { return list[random.below(list.size())]; }

/// "une petite maison blanche", "a small white house"
Pair thing(Random& random) {
    Noun const& noun    = any(nouns, random);
    std::size_t const n = random.below(articles.size());
    Pair out{articles[n][noun.feminine], english_articles[n]};
    bool const of_size = random.below(2) == 1, of_colour = random.below(2) == 1;
    if (of_size) {
        auto const& [french, english] = any(before, random);
        out.from += fmt::format(" {}", french[noun.feminine]), out.to += fmt::format(" {}", english);
    }
    out.from += fmt::format(" {}", noun.french);
    if (of_colour) {
        auto const& [french, english] = any(behind, random);
        out.from += fmt::format(" {}", french[noun.feminine]), out.to += fmt::format(" {}", english);
    }
    out.to += fmt::format(" {}", noun.english);
    return out;
}

/// "elle n est pas tres fatiguee", "she is not very tired"
Pair mood(Subject const& who, bool denied, Random& random) {
    auto const& [french, english] = any(moods, random);
    auto const& degree            = any(degrees, random);
    std::string const is          = who.french_is;
    return {fmt::format("{} {}{}{} {}{}", who.french, denied ? is[0] == 'e' ? "n " : "ne " : "", is,
                        denied ? " pas" : "", degree[0], french[any(who.forms, random)]),
            fmt::format("{} {}{} {}{}", who.english, who.english_is, denied ? " not" : "", degree[1], english)};
}

/// "nous ne voyons pas le chat", "we do not see the cat"
Pair deed(Subject const& who, bool denied, Random& random) {
    Verb const& verb   = any(verbs, random);
    Pair const what    = thing(random);
    bool const he_does = who.person == 2;
    char const* denial = he_does ? "does not " : "do not ";
    return {fmt::format("{} {}{}{} {}", who.french, denied ? "ne " : "", verb.french[who.person], denied ? " pas" : "",
                        what.from),
            fmt::format("{} {}{} {}", who.english, denied ? denial : "",
                        he_does && !denied ? verb.with_s : verb.english, what.to)};
}

Pair sentence(Random& random) {
    Subject const& who = any(subjects, random);
    bool const denied  = random.below(3) == 0;
    Pair out           = random.below(4) == 0 ? mood(who, denied, random) : deed(who, denied, random);
    auto const& where  = any(places, random);
    return {out.from + where[0] + " .", out.to + where[1] + " ."};
}

Pairs split(std::string source, std::vector<Pair> const& all, std::uint64_t seed) {
    Pairs out{std::move(source), {}, {}};
    DataSplit const parts = random_split(std::ssize(all), 0.1, seed);
    for (Index i : parts.train) out.learned.push_back(all[static_cast<std::size_t>(i)]);
    for (Index i : parts.validation) out.held_out.push_back(all[static_cast<std::size_t>(i)]);
    return out;
}

std::string lines(std::vector<Pair> const& pairs, std::string Pair::*side) {
    std::string out;
    for (Pair const& p : pairs) out += p.*side + "\n";
    return out;
}

}  // namespace

std::string plain(std::string_view text) {
    std::string out;
    for (char c : text) {
        auto const u    = static_cast<unsigned char>(c);
        bool const mark = c == '.' || c == '!' || c == '?', part = u >= 128 || std::isalnum(u);
        if ((mark || !part) && !out.empty() && out.back() != ' ') out += ' ';
        if (mark || part) out += u < 128 ? static_cast<char>(std::tolower(u)) : c;
        if (mark) out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

Pairs read_pairs(std::filesystem::path const& file, bool reverse, Index longest, std::uint64_t seed) {
    std::string const text = read_whole(file);
    std::vector<Pair> all;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size()), tab = std::min(text.find('\t', at), end);
        if (tab == end)
            throw FileError(fmt::format("{}: there is no tab in a line: \"{}\"", file.string(),
                                        text.substr(at, std::min<std::size_t>(end - at, 60))));
        Pair pair{plain(text.substr(at, tab - at)),
                  plain(text.substr(tab + 1, std::min(text.find('\t', tab + 1), end) - tab - 1))};
        if (reverse) std::swap(pair.from, pair.to);
        auto const words = [](std::string const& s) { return 1 + std::count(s.begin(), s.end(), ' '); };
        if (words(pair.from) <= longest && words(pair.to) <= longest) all.push_back(std::move(pair));
        at = end + 1;
    }
    return split(file.string(), all, seed);
}

Pairs made_up_pairs(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::set<std::string> known;
    std::vector<Pair> all;
    while (all.size() < n) {
        Pair pair = sentence(random);
        if (known.insert(pair.from).second) all.push_back(std::move(pair));
    }
    return split("French sentences that the program makes up", all, seed);
}

Words::Words(std::vector<Pair> const& known)
    : from(Vocabulary::of_words(lines(known, &Pair::from), {.text = {.newlines = true}}))
    , to(Vocabulary::of_words(lines(known, &Pair::to), {.text = {.newlines = true}})) {}

Sequences<Symbols, Symbols> Words::encoded(std::vector<Pair> const& pairs) const {
    Sequences<Symbols, Symbols> out;
    for (Pair const& p : pairs) {
        out.inputs.push_back(from.encode(p.from + "\n"));
        out.targets.push_back(to.encode(p.to + "\n"));
    }
    return out;
}

}  // namespace translation
