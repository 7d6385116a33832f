// Numbers and paths as pictures write them.
#pragma once
#include <optional>
#include <string>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

std::string subscript(Index n);  ///< "₁₂"
/// The number that all elements are; none if they differ, or if there are none.
std::optional<double> only_number(Tape const&, Window const&);
std::string text_of_number(double);  ///< "0.5"
/// How many characters all of some paths begin with, up to a dot.
std::size_t common_prefix(std::vector<std::string> const& paths);
/// "U" of "U.weight".
std::string without_weight(std::string const& path);

}  // namespace unspool::core
