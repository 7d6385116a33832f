// Characters or words as numbers.
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unspool/autograd/array/where.hpp>
#include <unspool/nn/data/sequence.hpp>
#include <unspool/nn/data/text_file.hpp>

namespace unspool::core {

/// Which symbols are in a vocabulary.
struct VocabularyOptions {
    Index min_count  = 1;      ///< rarer symbols are unknown
    Index most       = 0;      ///< only so many of the most frequent symbols, without unknown and padding; 0: all
    bool unknown     = true;   ///< there is a number for all that is not in the vocabulary; else it is an error
    bool padding     = false;  ///< there is a number that stands for no symbol: 0
    TextOptions text = {};     ///< how texts are cut into symbols
};

/// Symbols, and their numbers from 0: padding and unknown, where there are any; then characters (code points) in their order
/// in Unicode, or words, the more frequent first, and those of one frequency in the order of their bytes.
class Vocabulary {
public:
    /// Those that occur in a text.  ValueError where an option makes no sense, or where the text is not UTF-8 and has to be.
    static Vocabulary of_characters(std::string_view text, VocabularyOptions const& = {}, Where = Where::here());
    static Vocabulary of_words(std::string_view text, VocabularyOptions const& = {}, Where = Where::here());
    /// The same of a file, which is read piece by piece.  FileError if it changes meanwhile.
    static Vocabulary of_characters(TextFile const&, VocabularyOptions const& = {}, Where = Where::here());
    static Vocabulary of_words(TextFile const&, VocabularyOptions const& = {}, Where = Where::here());
    /// What save() wrote.  FileError if it cannot be read, or is anything else.
    static Vocabulary load(std::string const&);
    /// As JSON: every symbol comes back as it is, newlines and control characters too.  The file is there
    /// whole, or, after a FileError, as it was.
    void save(std::string const&) const;

    Index size() const { return static_cast<Index>(symbols_.size()); }  ///< all numbers there are
    /// Has it a number of its own?
    bool contains(std::string_view symbol) const { return numbers_.find(symbol) != numbers_.end(); }
    std::optional<Index> padding() const { return padding_; }  ///< the number of what fills up
    std::optional<Index> unknown() const { return unknown_; }  ///< the number of what has none
    /// The number of a symbol, or of unknown.  NameError if there is neither.
    Index operator[](std::string_view symbol) const;
    /// The symbol of a number: "" for padding; for unknown, "�" among characters and "<unk>" among words.  IndexError.
    std::string const& operator[](Index number) const;

    /// The symbols of a text.  NameError for one that is not in the vocabulary, if there is no number for unknown ones.
    Symbols encode(std::string_view text) const;
    /// Characters one after the other; words with a space in between, but not beside newlines.  IndexError.
    std::string decode(std::span<Index const> numbers) const;
    /// The number of the symbol at a byte of a text, which moves to the next one; none at the end.  `begin` is where in a longer
    /// text this one begins.
    std::optional<Index> next(std::string_view text, std::size_t& at, std::size_t begin = 0) const;
    /// The symbols of a file, one by one.
    SymbolStream symbols_of(TextFile const& file) const { return {file, kind_, text_}; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    using Numbers = std::unordered_map<std::string, Index, Hash, std::equal_to<>>;

    Vocabulary(SymbolKind kind, TextOptions const& text) : kind_(kind), text_(text) { ascii_.fill(-1); }
    static Vocabulary of(SymbolKind, std::string_view text, VocabularyOptions const&, Where);
    static Vocabulary of(SymbolKind, TextFile const&, VocabularyOptions const&, Where);
    static Vocabulary of(SymbolKind, std::function<std::string_view()> const& next, VocabularyOptions const&);
    static Vocabulary parsed(std::string_view json);
    void add_special(bool padding, bool unknown);
    void add(std::string symbol);

    SymbolKind kind_;
    TextOptions text_;
    std::vector<std::string> symbols_;
    Numbers numbers_;
    std::array<Index, 128> ascii_;  // of single characters: they need no look-up
    std::optional<Index> padding_, unknown_;
};

}  // namespace unspool::core

namespace unspool {

using core::Vocabulary, core::VocabularyOptions;

}  // namespace unspool
