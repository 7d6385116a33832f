// Sentences in two languages.
#pragma once
#include <filesystem>
#include <unspool.hpp>

namespace translation {

using namespace unspool;

struct Pair {
    std::string from, to;  ///< words with a space in between
};
struct Pairs {
    std::string source;
    std::vector<Pair> learned, held_out;
};

/// A file with a sentence, a tab and its translation in each line, as those of Tatoeba are; what follows another tab is left out, as are
/// sentences of more than `longest` words.  A tenth, at random, is held out.  FileError.
Pairs read_pairs(std::filesystem::path const& file, bool reverse, Index longest, std::uint64_t seed);
/// French sentences and what they are in English, n different ones, by a grammar: articles and adjectives agree with nouns, subjects with
/// verbs; adjectives stand before nouns or behind them; and denials take two words, or an auxiliary verb.
Pairs made_up_pairs(std::size_t n, std::uint64_t seed);

/// Small letters, digits, and ".", "!" and "?" as words of their own; other ASCII is a blank.
std::string plain(std::string_view text);

/// Numbers for the words of both languages, "\n" among them, which ends each sentence.
struct Words {
    Vocabulary from, to;

    explicit Words(std::vector<Pair> const&);
    Index end() const { return to["\n"]; }
    Sequences<Symbols, Symbols> encoded(std::vector<Pair> const&) const;
};

}  // namespace translation
