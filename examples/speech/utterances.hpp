// Digits that were said.
#pragma once
#include <string>

#include "wav.hpp"

namespace speech {

struct Utterance {
    Sound sound;
    Symbols digits;
};
struct Utterances {
    std::string source;
    std::vector<Utterance> learned, held_out;  ///< a tenth, at random, is held out
};

/// The files "….wav" of a folder, whose names begin with the digits that are said: "314.wav", "7_jackson_32.wav".  FileError.
Utterances read_utterances(std::filesystem::path const& folder, std::uint64_t seed);
/// Of one to four digits, each by another speaker.
Utterances made_up_utterances(Index n, std::uint64_t seed);
/// As files, in a folder for each part: "learned/314_0.wav".
void write_utterances(Utterances const&, std::filesystem::path const& folder);

/// What is heard, and digits as the classes 1 to 10: 0 is for the blank of ctc.
Sequences<Features<double>, Symbols> encoded(std::vector<Utterance> const&);

}  // namespace speech
