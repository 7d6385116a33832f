// Reads songs, and makes some up.
#include "songs.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chorales {

namespace {

void require_a_piano_has(Song const& song) {
    if (song.empty()) throw ValueError("a song has no frames");
    for (auto const& frame : song)
        for (Index note : frame)
            if (note < lowest || note >= lowest + notes)
                throw ValueError(
                    fmt::format("a note is {}, but a piano has those from {} to {}", note, lowest, lowest + notes - 1));
}

Features<float> roll(Song const& song) {
    Features<float> out = xt::zeros<float>({song.size(), static_cast<std::size_t>(notes)});
    for (std::size_t t = 0; t < song.size(); ++t)
        for (Index note : song[t]) out(t, static_cast<std::size_t>(note - lowest)) = 1;
    return out;
}

Features<float> one_step_later(Features<float> const& x) {
    Features<float> out = xt::zeros_like(x);
    std::copy(x.begin(), x.end() - notes, out.begin() + notes);
    return out;
}

Rolls part(nlohmann::json const& all, char const* name) {
    auto const songs = all.at(name).get<std::vector<Song>>();
    for (Song const& song : songs) require_a_piano_has(song);
    return rolls(songs);
}

/// A chord of the scale of C: soprano, alto, tenor and bass.
std::vector<Index> chord(std::size_t degree, Random& random) {
    constexpr std::array<Index, 7> scale{0, 2, 4, 5, 7, 9, 11};
    std::vector<Index> out{36 + scale[degree]};
    for (Index octave : {48, 60, 72}) out.push_back(octave + scale[(degree + 2 * random.below(3)) % 7]);
    return out;
}

Song made_up(Random& random) {
    constexpr std::array<std::array<std::size_t, 2>, 7> next{{{3, 4}, {4, 4}, {5, 5}, {0, 4}, {0, 5}, {3, 1}, {0, 0}}};
    Song out;
    std::size_t degree = 0;
    for (Index chords = 8 + static_cast<Index>(random.below(12)); chords > 0; --chords) {
        out.insert(out.end(), 2, chord(degree, random));
        degree = next[degree][random.below(2)];
    }
    return out;
}

Rolls made_up(Index songs, Random& random) {
    std::vector<Song> out;
    for (Index i = 0; i < songs; ++i) out.push_back(made_up(random));
    return rolls(out);
}

}  // namespace

Rolls rolls(std::vector<Song> const& songs) {
    Rolls out;
    for (Song const& song : songs) {
        out.targets.push_back(roll(song));
        out.inputs.push_back(one_step_later(out.targets.back()));
    }
    return out;
}

Collection read_collection(std::filesystem::path const& path) try {
    auto const all = nlohmann::json::parse(read_whole(path));
    return {path.string(), part(all, "train"), part(all, "valid"), part(all, "test")};
} catch (nlohmann::json::exception const& e) {
    throw FileError(fmt::format("{}: {}", path.string(),
                                std::string_view(e.what()).substr(0, 300)));  // it may quote all of the file
} catch (ValueError const& e) { throw FileError(fmt::format("{}: {}", path.string(), e.what())); }

Collection made_up_collection(std::uint64_t seed) {
    Random random(seed);
    auto train = made_up(60, random), validation = made_up(20, random), test = made_up(20, random);
    return {"made-up chords", std::move(train), std::move(validation), std::move(test)};
}

}  // namespace chorales
