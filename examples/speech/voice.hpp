// A voice that says digits: a source, of pulses and noise, and the resonances of a throat that moves from sound to sound.
#pragma once
#include "wav.hpp"

namespace speech {

/// A speaker: how high, how large and how fast.
struct Speaker {
    double pitch;  ///< Hz
    double size;   ///< what formants are multiplied with
    double pace;   ///< what durations are multiplied with
};
Speaker any_speaker(Random&);

/// Digits, one after the other, with pauses, and some noise of a room.  Formants of vowels are those of men in Peterson and Barney, "Control
/// methods used in a study of the vowels" (1952); resonators those of Klatt, "Software for a cascade/parallel formant synthesizer" (1980).
Sound say(std::vector<Index> const& digits, Speaker const&, Random&);

}  // namespace speech
