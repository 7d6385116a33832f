// Sound in files: RIFF, PCM of 16 bits, one channel.
#pragma once
#include <filesystem>
#include <unspool.hpp>
#include <vector>

namespace speech {

using namespace unspool;

constexpr int sample_rate = 8000;

using Sound = std::vector<float>;  ///< samples from −1 to 1, 8,000 a second

/// FileError, which says what else it is, unless it is such a file.
Sound read_wav(std::filesystem::path const&);
/// What is beyond ±1 is cut.
void write_wav(std::filesystem::path const&, Sound const&);

}  // namespace speech
