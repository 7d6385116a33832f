// Music in four parts as piano rolls, and what is to be learned of it: which notes sound next?
#pragma once
#include <filesystem>
#include <unspool.hpp>

namespace chorales {

using namespace unspool;

constexpr Index lowest = 21, notes = 88;  // the piano's, as MIDI numbers

using Song  = std::vector<std::vector<Index>>;  ///< the MIDI numbers of each frame: the notes that sound in a quarter
using Rolls = Sequences<Features<float>, Features<float>>;

struct Collection {
    std::string source;
    Rolls train, validation, test;
};

/// Each frame [notes] of a song, 1 where a note sounds, is the target of a step whose input is the frame before: at the first
/// one, silence.  So every frame is predicted, and from the past alone.
Rolls rolls(std::vector<Song> const&);

/// Of a JSON object of three lists of songs: "train", "valid" and "test".  FileError for anything else, and for a note that a
/// piano does not have.
Collection read_collection(std::filesystem::path const&);

/// Chords that follow each other by chance, for those who have no other.
Collection made_up_collection(std::uint64_t seed);

}  // namespace chorales
