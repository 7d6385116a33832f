// Reads texts.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/files/source.hpp>

#include "text.hpp"

namespace custom_cell {

namespace fs = std::filesystem;
using unspool::FileError, unspool::ValueError;

namespace {

std::string bytes_of(fs::path const& file) try { return unspool::read_whole(file); } catch (FileError const& e) {
    throw FileError(fmt::format("{}; name another file with --text FILE", e.what()));
}

bool is_source(fs::path const& file) {
    auto const end = file.extension();
    return end == ".hpp" || end == ".cpp" || end == ".md";
}

std::vector<fs::path> sources_below(fs::path const& folder) {
    std::vector<fs::path> out;
    if (!fs::is_directory(folder)) return out;
    for (auto const& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && is_source(entry.path())) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

bool can_be_shown(char32_t c) {
    bool const control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    return !control || c == '\n' || c == '\t';
}

// The length of the character that `s` begins with; 0 if it begins with none, or with one that cannot be shown.
std::size_t sequence_length(std::string_view s) {
    auto const [code, length] = unspool::utf8::first(s);
    return can_be_shown(code) ? length : 0;
}

}  // namespace

Index Text::validation_begin() const { return size() - size() / 10; }

Text as_numbers(std::string source, std::string const& bytes) {
    if (bytes.size() < 10)
        throw ValueError(
            fmt::format("{} has {} {}: give a longer text, of at least 10 bytes (much more, to learn something)",
                        source, bytes.size(), bytes.size() == 1 ? "byte" : "bytes"));
    Text out{std::move(source), bytes, {}};
    std::sort(out.symbols.begin(), out.symbols.end(), [](unsigned char a, unsigned char b) { return a < b; });
    out.symbols.erase(std::unique(out.symbols.begin(), out.symbols.end()), out.symbols.end());
    std::array<Index, 256> number{};
    for (std::size_t i = 0; i < out.symbols.size(); ++i)
        number[static_cast<unsigned char>(out.symbols[i])] = static_cast<Index>(i);
    out.numbers.reserve(bytes.size());
    for (char c : bytes) out.numbers.push_back(number[static_cast<unsigned char>(c)]);
    return out;
}

Text read_text(std::string const& file) { return as_numbers(file, bytes_of(file)); }

Text own_text() {
    fs::path const root = UNSPOOL_SOURCE_DIR;
    if (!fs::exists(root / "README.md"))
        throw FileError(
            fmt::format("the project's own text is no longer in {}: name another one with --text FILE", root.string()));
    std::string bytes = bytes_of(root / "README.md");
    for (auto* folder : {"docs", "autograd", "ops", "nn", "examples", "benchmarks", "tests"})
        for (auto const& file : sources_below(root / folder)) bytes += bytes_of(file);
    return as_numbers("the project's own text", bytes);
}

std::string printable(std::string const& bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size();) {
        std::size_t const n = sequence_length(std::string_view(bytes).substr(i));
        if (n == 0) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[i]));
        else out += bytes.substr(i, n);
        i += std::max<std::size_t>(n, 1);
    }
    return out;
}

}  // namespace custom_cell
