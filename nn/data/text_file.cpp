// Reads a text piece by piece.
#include <algorithm>
#include <unspool/nn/data/text_file.hpp>

namespace unspool::core {

std::string TextFile::read(std::size_t begin, std::size_t end) const {
    std::string out(end - begin, '\0');
    source_.read(begin, std::as_writable_bytes(std::span(out)));
    source_.require_still_there();
    return out;
}

std::string_view SymbolStream::next() {
    while (!begins_with_whole_symbol(kind_, std::string_view(piece_).substr(at_), options_) && read_more()) {}
    return next_symbol(kind_, piece_, at_, memory_, options_, begin_);
}

/// As much as is there already, at least: a symbol however long is then looked at a few times only.
bool SymbolStream::read_more() {
    constexpr std::size_t least = 1 << 14;
    piece_.erase(0, kept_from_);
    begin_ += kept_from_, at_ -= kept_from_, kept_from_ = 0;
    std::size_t const from = begin_ + piece_.size(), n = std::min(std::max(least, piece_.size()), file_.size() - from);
    piece_ += file_.read(from, from + n);
    return n > 0;
}

}  // namespace unspool::core
