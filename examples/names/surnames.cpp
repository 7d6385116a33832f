// Reads surnames, and makes some up.
#include "surnames.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <sstream>

namespace names {

namespace {

/// The names of each language.
using Lists = std::map<std::string, std::vector<std::string>>;

Surnames surnames(std::string source, Lists const& lists) {
    std::string text;
    for (auto const& [language, list] : lists)
        for (auto const& name : list) text += name;
    Surnames out{std::move(source), {}, Vocabulary::of_characters(text, {.unknown = false}), {}};
    for (auto const& [language, list] : lists) {
        for (auto const& name : list) {
            out.all.inputs.push_back(out.letters.encode(name));
            out.all.targets.push_back(std::ssize(out.languages));
        }
        out.languages.push_back(language);
    }
    return out;
}

std::vector<std::string> lines(std::filesystem::path const& path) {
    std::istringstream file(read_whole(path));
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);)
        if (!line.empty()) out.push_back(line);
    if (out.empty()) throw FileError(path.string() + ": there are no names in it");
    return out;
}

std::string made_up(std::array<char const*, 6> const& syllables, Random& random) {
    std::string out;
    for (Index n = 2 + static_cast<Index>(random.below(3)); n > 0; --n)
        out += syllables[random.below(syllables.size())];
    return out;
}

}  // namespace

double Surnames::majority(std::vector<Index> const& numbers) const {
    std::vector<Index> count(languages.size());
    for (Index n : numbers) ++count[static_cast<std::size_t>(all.targets[static_cast<std::size_t>(n)])];
    return static_cast<double>(*std::max_element(count.begin(), count.end())) / static_cast<double>(numbers.size());
}

Surnames read_surnames(std::filesystem::path const& folder) {
    if (!is_directory(folder)) throw FileError(folder.string() + ": this is no folder");
    Lists lists;
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".txt") lists[entry.path().stem().string()] = lines(entry.path());
    if (lists.size() < 2)
        throw FileError(folder.string() + ": there are not two languages in it, files such as Czech.txt");
    return surnames(folder.string(), lists);
}

Surnames made_up_surnames(std::uint64_t seed) {
    std::map<std::string, std::array<char const*, 6>> const syllables{
        {"Anic", {"a", "na", "ri", "no", "la", "mi"}},
        {"Borish", {"bor", "ka", "ri", "ov", "dim", "a"}},
        {"Chezzian", {"che", "zi", "no", "la", "ra", "zzo"}}};
    Random random(seed);
    Lists lists;
    for (auto const& [language, some] : syllables)
        for (int i = 0; i < 400; ++i) lists[language].push_back(made_up(some, random));
    return surnames("made-up names", lists);
}

}  // namespace names
