// Characters or words as numbers.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/data/vocabulary.hpp>
#include <unspool/nn/data/vocabulary_text.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

namespace {

using Counts = std::vector<std::pair<std::string, Index>>;

void require_options(VocabularyOptions const& o, Where where) {
    auto const check = [&](char const* name, Index n, Index least) {
        if (n < least)
            throw ValueError(
                fmt::format("{}: Vocabulary: {} is {}, but must be at least {}", text(where), name, n, least));
    };
    check("min_count", o.min_count, 1);
    check("most", o.most, 0);
}

// The most frequent first, and those of one frequency in the order of their bytes, which for characters is that of Unicode.
void keep_frequent(Counts& counts, VocabularyOptions const& o) {
    std::sort(counts.begin(), counts.end(),
              [](auto& a, auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    std::erase_if(counts, [&](auto& c) { return c.second < o.min_count; });
    if (o.most > 0 && counts.size() > static_cast<std::size_t>(o.most)) counts.resize(static_cast<std::size_t>(o.most));
}

bool is_character(std::string const& s) {
    std::size_t at = 0;
    return !next_character(s, at, {.keep_crlf = true, .strict = true}).empty() && at == s.size();
}

[[noreturn]] void no_vocabulary(std::string const& path, std::string_view why) {
    throw FileError(
        fmt::format("{} is not a vocabulary: {}", path, why.substr(0, 300)));  // the parser may quote all of it
}

bool is_newline(std::string const& s) { return s == "\n"; }

}  // namespace

Vocabulary Vocabulary::of(SymbolKind kind, std::string_view text, VocabularyOptions const& o, Where where) {
    require_options(o, where);
    std::string memory;
    std::size_t at = 0;
    return of(
        kind, [&] { return next_symbol(kind, text, at, memory, o.text); }, o);
}

Vocabulary Vocabulary::of(SymbolKind kind, TextFile const& file, VocabularyOptions const& o, Where where) {
    require_options(o, where);
    SymbolStream symbols(file, kind, o.text);
    return of(
        kind, [&] { return symbols.keep_from_here(), symbols.next(); }, o);
}

Vocabulary Vocabulary::of(SymbolKind kind, std::function<std::string_view()> const& next, VocabularyOptions const& o) {
    std::unordered_map<std::string, Index, Hash, std::equal_to<>> counted;
    for (auto s = next(); !s.empty(); s = next()) {
        auto const found = counted.find(s);
        if (found == counted.end()) counted.emplace(s, 1);
        else ++found->second;
    }
    Counts counts(counted.begin(), counted.end());
    keep_frequent(counts, o);
    if (kind == SymbolKind::characters) std::sort(counts.begin(), counts.end());
    Vocabulary out(kind, o.text);
    out.add_special(o.padding, o.unknown);
    for (auto& c : counts) out.add(std::move(c.first));
    return out;
}

Vocabulary Vocabulary::of_characters(std::string_view text, VocabularyOptions const& o, Where where) {
    return of(SymbolKind::characters, text, o, where);
}
Vocabulary Vocabulary::of_characters(TextFile const& file, VocabularyOptions const& o, Where where) {
    return of(SymbolKind::characters, file, o, where);
}
Vocabulary Vocabulary::of_words(std::string_view text, VocabularyOptions const& o, Where where) {
    return of(SymbolKind::words, text, o, where);
}
Vocabulary Vocabulary::of_words(TextFile const& file, VocabularyOptions const& o, Where where) {
    return of(SymbolKind::words, file, o, where);
}

void Vocabulary::add_special(bool padding, bool unknown) {
    auto const add_one = [&](std::optional<Index>& number, char const* shown) {
        number = size(), symbols_.push_back(shown);
    };
    if (padding) add_one(padding_, "");
    if (unknown) add_one(unknown_, kind_ == SymbolKind::words ? "<unk>" : "\xEF\xBF\xBD");
}

void Vocabulary::add(std::string symbol) {
    if (symbol.size() == 1 && static_cast<unsigned char>(symbol[0]) < 128)
        ascii_[static_cast<unsigned char>(symbol[0])] = size();
    numbers_.emplace(symbol, size());
    symbols_.push_back(std::move(symbol));
}

Index Vocabulary::operator[](std::string_view symbol) const {
    if (symbol.size() == 1 && static_cast<unsigned char>(symbol[0]) < 128)
        if (Index const n = ascii_[static_cast<unsigned char>(symbol[0])]; n >= 0) return n;
    if (auto const found = numbers_.find(symbol); found != numbers_.end()) return found->second;
    if (unknown_) return *unknown_;
    throw NameError(fmt::format("{} is not in the vocabulary of {} symbols, which has no number for unknown ones",
                                shown(symbol), size()));
}

std::string const& Vocabulary::operator[](Index number) const {
    if (number < 0 || number >= size())
        throw IndexError(fmt::format("{} is not the number of a symbol: the vocabulary has {}", number, size()));
    return symbols_[static_cast<std::size_t>(number)];
}

std::optional<Index> Vocabulary::next(std::string_view text, std::size_t& at, std::size_t begin) const {
    std::string memory;
    auto const s = next_symbol(kind_, text, at, memory, text_, begin);
    if (s.empty()) return {};
    return (*this)[s];
}

Symbols Vocabulary::encode(std::string_view text) const {
    Symbols out;
    std::size_t at = 0;
    while (auto const number = next(text, at)) out.push_back(*number);
    return out;
}

std::string Vocabulary::decode(std::span<Index const> numbers) const {
    std::string out;
    bool blank = false;  // between words
    for (Index n : numbers) {
        if (n == padding_) continue;
        std::string const& symbol = (*this)[n];
        if (blank && !is_newline(symbol)) out += ' ';
        out += symbol;
        blank = kind_ == SymbolKind::words && !is_newline(symbol);
    }
    return out;
}

void Vocabulary::save(std::string const& path) const {
    auto const special = (padding_ ? 1 : 0) + (unknown_ ? 1 : 0);
    write_whole(path, text(VocabularyText{.kind    = kind_ == SymbolKind::words ? "words" : "characters",
                                          .padding = padding_.has_value(),
                                          .unknown = unknown_.has_value(),
                                          .options = text_,
                                          .symbols = {symbols_.begin() + special, symbols_.end()}}));
}

Vocabulary Vocabulary::parsed(std::string_view json) {
    VocabularyText read = parse_vocabulary(json);
    if (read.kind != "words" && read.kind != "characters")
        throw ValueError(fmt::format("it is of {}", shown(read.kind)));
    Vocabulary out(read.kind == "words" ? SymbolKind::words : SymbolKind::characters, read.options);
    out.add_special(read.padding, read.unknown);
    for (std::string& s : read.symbols) {
        if (s.empty() || (out.kind_ == SymbolKind::characters && !is_character(s)))
            throw ValueError(fmt::format("{} is not a symbol", shown(s)));
        if (out.contains(s)) throw ValueError(fmt::format("{} is in it twice", shown(s)));
        out.add(std::move(s));
    }
    return out;
}

Vocabulary Vocabulary::load(std::string const& path) {
    std::string const text = read_whole(path);
    try {
        return parsed(text);
    } catch (ValueError const& e) { no_vocabulary(path, e.what()); }
}

}  // namespace unspool::core
