// A text that stays in its file.
#pragma once
#include <string>
#include <string_view>
#include <unspool/nn/data/text.hpp>
#include <unspool/nn/files/source.hpp>

namespace unspool::core {

/// A file's bytes, read when they are needed: it may be larger than memory.
class TextFile {
public:
    /// FileError if it cannot be opened, or is not a regular file.
    explicit TextFile(std::string const& path) : source_(path) {}

    std::string const& name() const { return source_.name(); }                     ///< for errors
    std::size_t size() const { return static_cast<std::size_t>(source_.size()); }  ///< in bytes
    /// Bytes [begin, end).  FileError if the file was changed, cut, deleted or replaced since it was opened, or has grown.
    std::string read(std::size_t begin, std::size_t end) const;

private:
    Source source_;
};

/// The symbols of a file, one after the other.  Only a piece of it is in memory.
class SymbolStream {
public:
    SymbolStream(TextFile const& file, SymbolKind kind, TextOptions const& options)
        : file_(file), kind_(kind), options_(options) {}

    /// The next one, until the next call; empty at the end.
    std::string_view next();
    /// The bytes from the beginning, or from where keep_from_here() was called, up to here; until the next call of next().
    std::string_view kept() const { return std::string_view(piece_).substr(kept_from_, at_ - kept_from_); }
    void keep_from_here() { kept_from_ = at_; }

private:
    bool read_more();

    TextFile const& file_;
    SymbolKind kind_;
    TextOptions options_;
    std::string piece_, memory_;
    std::size_t begin_ = 0;               // of the piece in the file
    std::size_t at_ = 0, kept_from_ = 0;  // in the piece
};

}  // namespace unspool::core

namespace unspool {

using core::TextFile;

}  // namespace unspool
