// Sentences that praise or complain.
#pragma once
#include <filesystem>
#include <unspool.hpp>

namespace sentiment {

using namespace unspool;

struct Reviews {
    std::string source;
    std::vector<std::string> sentences;  ///< in small letters, without punctuation
    std::vector<Index> labels;           ///< 1: praise
};

/// All files of a folder, with a sentence, a tab, and 0 or 1 in each line.  FileError.
Reviews read_reviews(std::filesystem::path const& folder);
/// From a grammar: things are praised or blamed, both with and without a "not", and what comes behind a "but" counts.
Reviews made_up_reviews(Index n, std::uint64_t seed);

/// Word by word, the last `longest` of each sentence; unknown where a word is not among the `words` most frequent of those at `known`.
Sequences<Symbols, Index> encoded(Reviews const&, std::vector<Index> const& known, Index words, Index longest);

}  // namespace sentiment
