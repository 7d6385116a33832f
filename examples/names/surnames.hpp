// Surnames, and the languages that they are from.
#pragma once
#include <filesystem>
#include <unspool.hpp>

namespace names {

using namespace unspool;

struct Surnames {
    std::string source;
    std::vector<std::string> languages;
    Vocabulary letters;
    Sequences<Symbols, Index> all;  ///< letters, and the number of the language

    /// What share of some of them the most frequent language has.
    double majority(std::vector<Index> const& numbers) const;
};

/// A file of names for each language, one a line: "Czech.txt".  Languages are in the order of their names.  FileError if there are
/// not two files at least.
Surnames read_surnames(std::filesystem::path const& folder);
/// Of three languages that do not exist.
Surnames made_up_surnames(std::uint64_t seed);

}  // namespace names
