// A text as numbers: one for each byte, in the order of the bytes that occur.
#pragma once
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace custom_cell {

using unspool::Index;

struct Text {
    std::string source;          // where it is from, to show
    std::string symbols;         // the bytes that occur, sorted
    std::vector<Index> numbers;  // of the bytes, in order; symbols[n] is the byte of number n

    Index validation_begin() const;  ///< the last tenth is not trained on
    Index size() const { return static_cast<Index>(numbers.size()); }
    Index number_of_symbols() const { return static_cast<Index>(symbols.size()); }
};

/// ValueError if there are fewer than ten bytes.
Text as_numbers(std::string source, std::string const& bytes);

/// All of a file, whatever is in it.  FileError if it is none (a folder, a device, a pipe) or cannot be read.
Text read_text(std::string const& file);

/// The project's README, docs and sources, one after the other.  FileError if they are no longer where the program was built.
Text own_text();

/// Bytes to be printed: what would not show, or would command the terminal, becomes \xNN.
std::string printable(std::string const& bytes);

}  // namespace custom_cell
