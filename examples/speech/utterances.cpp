// Digits that were said.
#include "utterances.hpp"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "frames.hpp"
#include "voice.hpp"

namespace speech {

namespace {

Utterances split(std::string source, std::vector<Utterance> all, std::uint64_t seed) {
    DataSplit const parts = random_split(std::ssize(all), 0.1, seed);
    Utterances out{std::move(source), {}, {}};
    for (Index i : parts.train) out.learned.push_back(std::move(all[static_cast<std::size_t>(i)]));
    for (Index i : parts.validation) out.held_out.push_back(std::move(all[static_cast<std::size_t>(i)]));
    return out;
}

Symbols digits_of(std::filesystem::path const& file) {
    Symbols out;
    for (char c : file.stem().string()) {
        if (c < '0' || c > '9') break;
        out.push_back(c - '0');
    }
    if (out.empty()) throw FileError(file.string() + ": its name does not begin with the digits that are said");
    return out;
}

}  // namespace

Utterances read_utterances(std::filesystem::path const& folder, std::uint64_t seed) {
    if (!is_directory(folder)) throw FileError(folder.string() + ": this is no folder");
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".wav") files.push_back(entry.path());
    if (files.size() < 10) throw FileError(folder.string() + ": there are no ten files in it such as 314.wav");
    std::sort(files.begin(), files.end());
    std::vector<Utterance> all;
    for (auto const& file : files) all.push_back({read_wav(file), digits_of(file)});
    return split(folder.string(), std::move(all), seed);
}

Utterances made_up_utterances(Index n, std::uint64_t seed) {
    Random random(seed);
    std::vector<Utterance> all;
    for (Index i = 0; i < n; ++i) {
        Symbols digits(1 + random.below(4));
        for (Index& d : digits) d = static_cast<Index>(random.below(10));
        Speaker const speaker = any_speaker(random);
        all.push_back({say(digits, speaker, random), digits});
    }
    return split("digits that the program says", std::move(all), seed);
}

void write_utterances(Utterances const& all, std::filesystem::path const& folder) {
    for (auto const& [part, utterances] : {std::pair("learned", &all.learned), std::pair("held_out", &all.held_out)}) {
        create_directories(folder / part);
        for (std::size_t i = 0; i < utterances->size(); ++i) {
            auto const& [sound, digits] = (*utterances)[i];
            write_wav(folder / part / fmt::format("{}_{}.wav", fmt::join(digits, ""), i), sound);
        }
    }
}

Sequences<Features<double>, Symbols> encoded(std::vector<Utterance> const& utterances) {
    Sequences<Features<double>, Symbols> out;
    for (auto const& [sound, digits] : utterances) {
        out.inputs.push_back(log_mel(sound));
        out.targets.push_back(digits);
        for (Index& d : out.targets.back()) ++d;
    }
    return out;
}

}  // namespace speech
