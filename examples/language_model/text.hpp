// Text to learn from, and to be judged by.
#pragma once
#include <filesystem>
#include <optional>
#include <unspool.hpp>

namespace language_model {

using namespace unspool;

struct Text {
    std::string source, learned, held_out;
    std::optional<double> perplexity;  ///< of a word of what is held out, for whoever knows the grammar
};

/// The last tenth is held out.  FileError.
Text read_text(std::filesystem::path const& file);
/// So many sentences, one a line, by a grammar: "the small dogs that a farmer feeds sleep near the river ."  Subjects and verbs agree, also
/// across a relative clause.  As many as a tenth of that are held out.
Text made_up_text(Index sentences, std::uint64_t seed);

}  // namespace language_model
